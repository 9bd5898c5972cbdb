package io.github.videoquery.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/**
 * Decodes the responses of one connection, and passes on what belongs to the request that is open:
 * see {@link GuardedCodec}.
 */
final class ResponseDecoder extends HttpResponseDecoder {
  private final OpenRequest request;
  private final ResponseHeads heads;
  private boolean hasHead;
  private boolean isInterim;
  private @Nullable LastHttpContent heldEnd;

  ResponseDecoder(OpenRequest request) {
    super(ResponseHeads.LIMITS);
    this.request = request;
    this.heads = new ResponseHeads(request);
  }

  /** A request is being sent: the next response is its own. */
  void requestWritten(ChannelHandlerContext codec) {
    hasHead = false;
    request.written(
        codec.executor(), error -> codec.fireChannelRead(ResponseHeads.broken(codec, error)));
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out)
      throws Exception {
    if (!request.isOpen() || heldEnd != null) {
      unasked(ctx, buffer, out);
      return;
    }
    request.heard();
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
    } else if (request.isFirstYetToCome()) {
      out.add(
          ResponseHeads.broken(
              ctx, new GuardedCodec.InvalidResponseException("bytes before any request", null)));
    } else {
      var _ = ctx.close();
    }
  }

  /** What to pass on of a decoded part; null for nothing. */
  private @Nullable Object check(ChannelHandlerContext ctx, Object part) {
    if (part instanceof HttpResponse head) {
      Object checked = heads.check(ctx, head);
      isInterim = checked == null;
      hasHead |= checked != null;
      return checked;
    }
    if (part instanceof LastHttpContent end && end.decoderResult().isSuccess()) {
      if (!isInterim) {
        heldEnd = request.isOpen() ? end : null;
      }
      isInterim = false;
      return null;
    }
    return part;
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
      ctx.fireChannelRead(heads.cut(ctx));
    }
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    passEnd(ctx);
    if (isCutInHead() && cause instanceof IOException) {
      ctx.fireChannelRead(heads.cut(ctx));
    } else {
      super.exceptionCaught(ctx, cause);
    }
  }

  private boolean isCutInHead() {
    return request.isOpen() && request.hasBegun() && !hasHead;
  }

  private void passEnd(ChannelHandlerContext ctx) {
    LastHttpContent end = heldEnd;
    if (end != null) {
      heldEnd = null;
      request.end();
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
