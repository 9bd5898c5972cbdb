package io.github.videoquery.upstream;

import io.github.videoquery.time.TimeSource;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/1.1 codec of one connection to the provider. It passes on the response to the request
 * that is open, and nothing else, so that no response is taken for that of another request.
 *
 * <ul>
 *   <li>Interim responses (1xx) are skipped (RFC 9110, section 15.2). After {@code 101} the
 *       connection is closed.
 *   <li>Bytes that arrive while no request is open close the connection (RFC 9112, section 9.2),
 *       also a part of a head.
 *   <li>The end of a response is held back until the read that brought it is complete. If the read
 *       brought more, the response is passed on and the connection is closed. Without the wait, the
 *       pool would lend the connection to the next request first, and the rest of the read would
 *       count as its response.
 *   <li>A response that cannot be valid closes the connection: {@link InvalidResponseException}.
 *   <li>A {@code 408} on a reused connection (RFC 9110, section 15.5.9), and silence for longer
 *       than {@link ResponseTimes#firstByteNanos()} there, close it: {@link NoResponseException}.
 *   <li>So does silence for longer than the response timeout: {@link ReadTimeoutException}. Time
 *       during which the process was suspended does not count.
 * </ul>
 */
final class GuardedCodec
    extends CombinedChannelDuplexHandler<HttpResponseDecoder, HttpRequestEncoder> {
  static final int MAX_HEAD_BYTES = 64 << 10;
  private static final int USER_TIMEOUT_MILLIS = 2_500;
  private final ResponseDecoder decoder;
  private final AddressHealth addresses;

  GuardedCodec(
      Duration responseTimeout, ResponseTimes times, AddressHealth addresses, TimeSource time) {
    this.decoder = new ResponseDecoder(new OpenRequest(responseTimeout, times, time));
    this.addresses = addresses;
    init(decoder, new HttpRequestEncoder());
  }

  @Override
  public void connect(
      ChannelHandlerContext ctx,
      SocketAddress remoteAddress,
      @Nullable SocketAddress localAddress,
      ChannelPromise promise)
      throws Exception {
    if (remoteAddress instanceof InetSocketAddress address && !address.isUnresolved()) {
      promise.addListener(connected -> connected(address, connected.cause()));
    }
    super.connect(ctx, remoteAddress, localAddress, promise);
  }

  /** A call that ended while its connection was made says nothing about the address. */
  private void connected(InetSocketAddress address, @Nullable Throwable cause) {
    if (!(cause instanceof ClosedChannelException || cause instanceof CancellationException)) {
      addresses.tried(address, cause == null);
    }
  }

  /** From here on the kernel gives up a connection whose peer acknowledges nothing. */
  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    if (ctx.channel() instanceof EpollSocketChannel socket) {
      socket.config().setTcpUserTimeout(USER_TIMEOUT_MILLIS);
    }
    super.channelActive(ctx);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise)
      throws Exception {
    if (msg instanceof HttpRequest) {
      decoder.requestWritten(ctx);
    }
    super.write(ctx, msg, promise);
  }

  /** The connection gave no response: the request may be sent once more on a new one. */
  static final class NoResponseException extends IOException {
    private static final long serialVersionUID = 1L;

    NoResponseException(String message) {
      super(message);
    }
  }

  /** What came is no valid HTTP response. */
  static final class InvalidResponseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidResponseException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
