package io.github.videoquery.edge;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.NanoTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recognizes the PROXY protocol (HAProxy's {@code proxy-protocol.txt}, versions 1 and 2), which is
 * not spoken: such a request gets 400. Warns of it at most once a minute.
 */
final class ProxyPreamble {
  private static final Logger log = LoggerFactory.getLogger(ProxyPreamble.class);
  private static final List<byte[]> SIGNATURES =
      Stream.of("PROXY TCP", "PROXY UNKNOWN", "\r\n\r\n\0\r\nQUIT\n")
          .map(signature -> signature.getBytes(StandardCharsets.US_ASCII))
          .toList();
  private static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final AtomicLong nextWarning = new AtomicLong(NanoTime.now());

  /** Looks at the first bytes of a connection, and leaves them. */
  void look(ByteBuffer bytes, EndPoint from) {
    if (SIGNATURES.stream().noneMatch(signature -> beginsWith(signature, bytes))) {
      return;
    }
    long now = NanoTime.now();
    long next = nextWarning.get();
    if (now - next >= 0 && nextWarning.compareAndSet(next, now + INTERVAL_NANOS)) {
      log.atWarn()
          .addKeyValue("from", from.getRemoteSocketAddress())
          .log(
              "A proxy speaks the PROXY protocol, which is not understood: its requests get 400."
                  + " Turn it off there (HAProxy: send-proxy; AWS: proxy_protocol_v2), and let it"
                  + " send X-Forwarded-For ({})",
              from.getRemoteSocketAddress());
    }
  }

  private static boolean beginsWith(byte[] signature, ByteBuffer bytes) {
    if (bytes.remaining() < signature.length) {
      return false;
    }
    for (int i = 0; i < signature.length; i++) {
      if (bytes.get(bytes.position() + i) != signature[i]) {
        return false;
      }
    }
    return true;
  }
}
