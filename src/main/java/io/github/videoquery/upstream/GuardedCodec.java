package io.github.videoquery.upstream;

import io.github.videoquery.time.TimeSource;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

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
 *   <li>So does silence for longer than the response timeout: {@link ReadTimeoutException}. Time in
 *       which the process itself stood still is no silence of the provider.
 * </ul>
 */
final class GuardedCodec
    extends CombinedChannelDuplexHandler<HttpResponseDecoder, HttpRequestEncoder> {
  static final int MAX_HEAD_BYTES = 64 << 10;
  private static final int USER_TIMEOUT_MILLIS = 2_500;
  private static final HttpDecoderConfig LIMITS =
      new HttpDecoderConfig()
          .setMaxInitialLineLength(MAX_HEAD_BYTES)
          .setMaxHeaderSize(MAX_HEAD_BYTES)
          .setAllowDuplicateContentLengths(true) // alike; two that differ are an error
          .setUseRfc9112TransferEncoding(false); // nor beside chunks: below

  private final Decoder decoder;
  private final AddressHealth addresses;

  GuardedCodec(
      Duration responseTimeout, ResponseTimes times, AddressHealth addresses, TimeSource time) {
    this.decoder = new Decoder(responseTimeout.toNanos(), times, time);
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

  private static final class Decoder extends HttpResponseDecoder {
    private final long responseTimeout;
    private final ResponseTimes times;
    private final TimeSource time;

    private int requests;
    private long requestedAt;
    private long heardAt;
    private long lookAt;
    private boolean isOpen;
    private boolean hasBegun;
    private boolean hasHead;
    private boolean isInterim;
    private @Nullable LastHttpContent heldEnd;

    Decoder(long responseTimeout, ResponseTimes times, TimeSource time) {
      super(LIMITS);
      this.responseTimeout = responseTimeout;
      this.times = times;
      this.time = time;
    }

    void requestWritten(ChannelHandlerContext codec) {
      isOpen = true;
      hasBegun = false;
      hasHead = false;
      requests++;
      requestedAt = time.nanoTime();
      heardAt = requestedAt;
      long ahead = lookAt - requestedAt;
      if (requests == 1 || ahead <= 0 || ahead > bound()) {
        lookAfter(codec, bound());
      }
    }

    /** How long the connection may be silent now. */
    private long bound() {
      return requests > 1 && !hasBegun
          ? Math.min(times.firstByteNanos(), responseTimeout)
          : responseTimeout;
    }

    /**
     * A timer sees many requests, as most of them need none: another is set for an earlier look.
     */
    private void lookAfter(ChannelHandlerContext codec, long nanos) {
      long at = time.nanoTime() + nanos;
      lookAt = at;
      var _ = codec.executor().schedule(() -> look(codec, at), nanos, TimeUnit.NANOSECONDS);
    }

    private void look(ChannelHandlerContext codec, long planned) {
      if (!isOpen || lookAt != planned) {
        return; // nothing to wait for, or another timer was set since
      }
      long now = time.nanoTime();
      long left = heardAt + bound() - now;
      long grace = CallDeadlines.graceNanos(now - planned);
      if (left > 0 || grace > 0) {
        lookAfter(codec, Math.max(left, grace));
        return;
      }
      isOpen = false;
      boolean isDead = requests > 1 && !hasBegun && now - heardAt < responseTimeout;
      codec.fireChannelRead(
          broken(
              codec,
              isDead
                  ? new NoResponseException("silence on a reused connection")
                  : ReadTimeoutException.INSTANCE));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out)
        throws Exception {
      if (!isOpen || heldEnd != null) {
        unasked(ctx, buffer, out);
        return;
      }
      heardAt = time.nanoTime();
      if (!hasBegun) {
        hasBegun = true;
        times.firstByte(heardAt - requestedAt);
      }
      int known = out.size();
      super.decode(ctx, buffer, out);
      for (int i = known; i < out.size(); i++) {
        Object checked = check(ctx, out.get(i));
        if (checked == null) {
          out.remove(i--);
        } else {
          out.set(i, checked);
        }
      }
    }

    private void unasked(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) {
      buffer.skipBytes(buffer.readableBytes());
      if (heldEnd != null) {
        var _ = Connection.from(ctx.channel()).markPersistent(false);
      } else if (requests == 0) {
        out.add(broken(ctx, new InvalidResponseException("bytes before any request", null)));
        requests++; // says it once
      } else {
        var _ = ctx.close();
      }
    }

    /** What to pass on of a decoded part; null for nothing. */
    private @Nullable Object check(ChannelHandlerContext ctx, Object part) {
      if (part instanceof HttpResponse head) {
        return checkHead(ctx, head);
      }
      if (part instanceof LastHttpContent end && end.decoderResult().isSuccess()) {
        if (!isInterim) {
          heldEnd = isOpen ? end : null;
        }
        isInterim = false;
        return null;
      }
      return part;
    }

    private @Nullable Object checkHead(ChannelHandlerContext ctx, HttpResponse head) {
      int status = head.status().code();
      if (head.decoderResult().isFailure()) {
        ReferenceCountUtil.release(head);
        return invalid(ctx, "not HTTP", head.decoderResult().cause());
      }
      String coding = head.headers().get(HttpHeaderNames.TRANSFER_ENCODING);
      if (coding != null && !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(coding.strip())) {
        return invalid(ctx, "an unknown transfer coding", null);
      }
      if (status < 100 || status > 999 || status == 101) {
        return invalid(ctx, "status " + status, null);
      }
      if (status < 200) {
        isInterim = true;
        return null;
      }
      if (status == 408 && requests > 1) {
        isOpen = false;
        return broken(ctx, new NoResponseException("408 on a reused connection"));
      }
      hasHead = true;
      return head;
    }

    private HttpResponse invalid(
        ChannelHandlerContext ctx, String message, @Nullable Throwable cause) {
      isOpen = false;
      if (cause instanceof PrematureChannelClosureException closed) {
        return broken(ctx, closed);
      }
      return broken(
          ctx,
          requests > 1 && isGlued(cause)
              ? new NoResponseException("stray bytes before the response")
              : new InvalidResponseException(message, cause));
    }

    /**
     * Whether a head on a reused connection looks like stray bytes that came late, after this
     * request was sent, with the response glued to them: a line that is none of HTTP. Limits and
     * lengths are the provider's own.
     */
    private static boolean isGlued(@Nullable Throwable cause) {
      return cause != null
          && !(cause instanceof TooLongFrameException)
          && !String.valueOf(cause.getMessage()).contains("Content-Length");
    }

    /**
     * A head that fails the call with this error, and the connection closed afterwards. The client
     * reports an error that comes in a head once, and one that is thrown twice.
     */
    private static HttpResponse broken(ChannelHandlerContext ctx, Exception error) {
      var _ = Connection.from(ctx.channel()).markPersistent(false);
      var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_GATEWAY);
      head.setDecoderResult(DecoderResult.failure(error));
      return head;
    }

    /** The chunks count (RFC 9112, section 6.3), and the connection is not used again. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
      super.handleTransferEncodingChunkedWithContentLength(message);
      message.headers().set("Connection", "close");
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
      passEnd(ctx);
      super.channelReadComplete(ctx);
    }

    /**
     * A connection that ends within a head has begun to answer, however little came: the request is
     * not sent again.
     */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
      passEnd(ctx);
      if (isCutInHead()) {
        ctx.fireChannelRead(cut(ctx));
      }
      super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
      passEnd(ctx);
      if (isCutInHead() && cause instanceof IOException) {
        ctx.fireChannelRead(cut(ctx));
      } else {
        super.exceptionCaught(ctx, cause);
      }
    }

    private boolean isCutInHead() {
      return isOpen && hasBegun && !hasHead;
    }

    private HttpResponse cut(ChannelHandlerContext ctx) {
      isOpen = false;
      return broken(ctx, new PrematureChannelClosureException("closed within the head"));
    }

    private void passEnd(ChannelHandlerContext ctx) {
      LastHttpContent end = heldEnd;
      if (end != null) {
        heldEnd = null;
        isOpen = false;
        ctx.fireChannelRead(end);
      }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
      ReferenceCountUtil.release(heldEnd);
      heldEnd = null;
      super.handlerRemoved0(ctx);
    }
  }
}
