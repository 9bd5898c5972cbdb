package io.github.videoquery.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/** Decides which heads of responses are valid: see {@link GuardedCodec}. */
final class ResponseHeads {
  static final HttpDecoderConfig LIMITS =
      new HttpDecoderConfig()
          .setMaxInitialLineLength(GuardedCodec.MAX_HEAD_BYTES)
          .setMaxHeaderSize(GuardedCodec.MAX_HEAD_BYTES)
          .setAllowDuplicateContentLengths(true) // identical ones only; different ones are an error
          .setUseRfc9112TransferEncoding(false); // no error with chunks: see ResponseDecoder

  private final OpenRequest request;

  ResponseHeads(OpenRequest request) {
    this.request = request;
  }

  /** What to pass on of a head: itself, one that fails the call, or null for an interim one. */
  @Nullable Object check(ChannelHandlerContext ctx, HttpResponse head) {
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
      return null;
    }
    if (status == 408 && request.isOnReusedConnection()) {
      request.end();
      return broken(ctx, new GuardedCodec.NoResponseException("408 on a reused connection"));
    }
    return head;
  }

  private HttpResponse invalid(
      ChannelHandlerContext ctx, String message, @Nullable Throwable cause) {
    request.end();
    if (cause instanceof PrematureChannelClosureException closed) {
      return broken(ctx, closed);
    }
    return broken(
        ctx,
        request.isOnReusedConnection() && isGlued(cause)
            ? new GuardedCodec.NoResponseException("stray bytes before the response")
            : new GuardedCodec.InvalidResponseException(message, cause));
  }

  /**
   * Whether a head on a reused connection begins with stray bytes that arrived after this request
   * was sent: its first line is not HTTP. An exceeded limit or a wrong Content-Length is the
   * provider's own error.
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
  static HttpResponse broken(ChannelHandlerContext ctx, Exception error) {
    var _ = Connection.from(ctx.channel()).markPersistent(false);
    var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_GATEWAY);
    head.setDecoderResult(DecoderResult.failure(error));
    return head;
  }

  /** A head that fails the call, as the connection ended within the real one. */
  HttpResponse cut(ChannelHandlerContext ctx) {
    request.end();
    return broken(ctx, new PrematureChannelClosureException("closed within the head"));
  }
}
