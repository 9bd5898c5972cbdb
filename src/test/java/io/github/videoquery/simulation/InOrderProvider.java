package io.github.videoquery.simulation;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.ssl.SslContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/**
 * A provider on 127.0.0.1 that answers each connection strictly in order, as most servers do: it
 * looks at a connection's next request only after all that it says to the one before. What it says
 * is a list of steps, which may be wrong HTTP.
 */
public final class InOrderProvider implements AutoCloseable {
  private final DisposableServer server;
  private final Script script;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();

  /**
   * @param connection counted from 1
   * @param number of the request on its connection, counted from 1
   */
  public record Request(String id, int connection, int number) {
    /** A finished task of this id. */
    public String body() {
      return "{\"id\":\"%s\",\"status\":\"completed\",\"video_url\":\"https://cdn.example/%s.mp4\"}"
          .formatted(id, id);
    }

    /** The right answer, whole. */
    public String answer() {
      return response("200 OK", body());
    }
  }

  /** What the provider does for a request. */
  public interface Script {
    List<Step> steps(Request request);
  }

  /** One thing after the other. */
  public sealed interface Step {
    /** Sends text as ISO 8859-1, in one write. */
    record Send(String text) implements Step {}

    /** Waits; the connection's next request waits as well. */
    record Pause(long millis) implements Step {}

    /** Sends FIN. */
    record Close() implements Step {}

    /** Sends RST. */
    record Reset() implements Step {}

    static Step send(String... parts) {
      return new Send(String.join("", parts));
    }
  }

  private InOrderProvider(@Nullable SslContext tls, Script script) {
    this.script = script;
    TcpServer plain = TcpServer.create().host("127.0.0.1").port(0);
    this.server =
        (tls == null ? plain : plain.secure(spec -> spec.sslContext(tls)))
            .doOnConnection(
                connection ->
                    connection
                        .addHandlerLast(new HttpRequestDecoder())
                        .addHandlerLast(new InOrder()))
            .handle((in, out) -> in.withConnection(c -> c.onDispose()).receive().then())
            .bindNow();
  }

  public static InOrderProvider start(Script script) {
    return new InOrderProvider(null, script);
  }

  public static InOrderProvider startTls(SslContext tls, Script script) {
    return new InOrderProvider(tls, script);
  }

  /** A head and a body, with its length. */
  public static String response(String status, String body, String... headers) {
    return "HTTP/1.1 "
        + status
        + "\r\nContent-Type: application/json\r\n"
        + String.join("", Arrays.stream(headers).map(header -> header + "\r\n").toList())
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  public int port() {
    return server.port();
  }

  /** Those that a request came on: the gateway makes one without before it is ready. */
  public int connections() {
    return connections.get();
  }

  public int requests() {
    return requests.get();
  }

  private final class InOrder extends SimpleChannelInboundHandler<HttpObject> {
    private int connection;
    private final Queue<Request> waiting = new ArrayDeque<>();
    private int number;
    private boolean isBusy;

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
      if (message instanceof HttpRequest http) {
        requests.incrementAndGet();
        connection = connection == 0 ? connections.incrementAndGet() : connection;
        String id =
            new QueryStringDecoder(http.uri())
                .parameters()
                .getOrDefault("id", List.of(""))
                .getFirst();
        waiting.add(new Request(id, connection, ++number));
        next(ctx.channel());
      }
    }

    private void next(Channel channel) {
      Request request = isBusy ? null : waiting.poll();
      if (request != null) {
        isBusy = true;
        run(channel, new ArrayList<>(script.steps(request)).iterator());
      }
    }

    private void run(Channel channel, Iterator<Step> steps) {
      while (steps.hasNext()) {
        switch (steps.next()) {
          case Step.Send(String text) -> {
            var _ = channel.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
          }
          case Step.Pause(long millis) -> {
            var _ =
                channel
                    .eventLoop()
                    .schedule(() -> run(channel, steps), millis, TimeUnit.MILLISECONDS);
            return;
          }
          case Step.Close() -> {
            var _ = channel.close();
          }
          case Step.Reset() -> {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.unsafe().closeForcibly();
          }
        }
      }
      isBusy = false;
      next(channel);
    }
  }

  @Override
  public void close() {
    server.disposeNow();
  }
}
