package io.github.videoquery.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.videoquery.edge.ClientConnections.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientConnectionsTest {
  private static final long HOUR = TimeUnit.HOURS.toMillis(1);
  private static final long HEAD = TimeUnit.SECONDS.toMillis(10);
  private static final String REQUEST = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

  private final AtomicBoolean isDraining = new AtomicBoolean();
  private final AtomicReference<CountDownLatch> held = new AtomicReference<>(new CountDownLatch(0));
  private final AtomicInteger begun = new AtomicInteger();
  private final Timers timers = new Timers();
  private final Server server = new Server();
  private int port;

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  private void start(long idleMillis, Limits limits) throws Exception {
    var connector =
        new ServerConnector(
            server,
            null,
            timers,
            null,
            1,
            1,
            new ClientConnections(new HttpConfiguration(), limits, isDraining::get));
    connector.setHost("127.0.0.1");
    connector.setIdleTimeout(idleMillis);
    server.addConnector(connector);
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            begun.incrementAndGet();
            held.get().await();
            response.getHeaders().put("Content-Length", "0");
            callback.succeeded();
            return true;
          }
        });
    server.start();
    port = connector.getLocalPort();
  }

  private Socket open() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static String ask(Socket socket, String request) throws IOException {
    send(socket, request);
    var answer = new StringBuilder();
    while (answer.indexOf("\r\n\r\n") < 0) {
      answer.append((char) socket.getInputStream().read());
    }
    return answer.toString();
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Load balancers keep their connections for longer than they wait for an answer. */
  @Test
  void connectionWithoutARequest_staysOpen_beyondTheIdleTimeout() throws Exception {
    start(50, new Limits(400, HEAD, 10));
    try (Socket used = open()) {
      long start = System.nanoTime();
      assertThat(ask(used, REQUEST)).startsWith("HTTP/1.1 200");
      assertThat(used.getInputStream().read()).as("closed").isEqualTo(-1);
      assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(400));
    }
  }

  @Test
  void connectionThatWasNeverUsed_staysOpenAsLong() throws Exception {
    start(50, new Limits(400, HEAD, 10));
    long start = System.nanoTime();
    try (Socket unused = open()) {
      assertThat(unused.getInputStream().read()).as("closed").isEqualTo(-1);
      assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(400));
    }
  }

  @Test
  void connectionsWithoutARequest_endAtTheIdleTimeout_whereThereAreMany() throws Exception {
    start(50, new Limits(HOUR, HEAD, 2));
    held.set(new CountDownLatch(1));
    try (Socket asking = open();
        Socket idle = open();
        Socket another = open()) {
      send(asking, REQUEST);
      await().until(() -> isClosed(idle) || isClosed(another));
      held.get().countDown();
      assertThat(ask(asking, "")).startsWith("HTTP/1.1 200");
    }
  }

  private static boolean isClosed(Socket socket) throws IOException {
    socket.setSoTimeout(20);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException open) {
      return false;
    }
  }

  @Test
  void headThatIsNotWholeInTime_closesTheConnection() throws Exception {
    start(HOUR, new Limits(HOUR, HEAD, 10));
    try (Socket slow = open()) {
      send(slow, "GET /a HTTP/1.1\r\nHo");
      await().until(() -> timers.pending(HEAD).size() == 1);
      timers.pending(HEAD).getFirst().job().run();

      assertThat(slow.getInputStream().read()).as("closed").isEqualTo(-1);
    }
  }

  @Test
  void headThatIsWholeInTime_isNotTimedAnyMore() throws Exception {
    start(HOUR, new Limits(HOUR, HEAD, 10));
    try (Socket slow = open()) {
      for (int i = 0; i < 3; i++) {
        send(slow, "GET /a HTTP/1.1\r\nHo");
        await().until(() -> timers.pending(HEAD).size() == 1);
        assertThat(ask(slow, "st: x\r\n\r\n")).startsWith("HTTP/1.1 200");

        assertThat(timers.pending(HEAD)).isEmpty();
      }
    }
  }

  /** A timer for each request would cost more than parsing it. */
  @Test
  void headThatComesAtOnce_needsNoTimer() throws Exception {
    start(HOUR, new Limits(HOUR, HEAD, 10));
    try (Socket quick = open()) {
      for (int i = 0; i < 3; i++) {
        ask(quick, REQUEST);
      }

      assertThat(timers.made).noneMatch(timer -> timer.isFor(HEAD));
    }
  }

  @Test
  void answerOfADrainingService_closesItsConnection() throws Exception {
    start(HOUR, new Limits(HOUR, HEAD, 10));
    try (Socket kept = open()) {
      assertThat(ask(kept, REQUEST)).doesNotContain("Connection:");
      isDraining.set(true);

      assertThat(ask(kept, REQUEST)).startsWith("HTTP/1.1 200").contains("Connection: close");
      assertThat(kept.getInputStream().read()).as("closed").isEqualTo(-1);
    }
  }

  @Test
  void requestBegunBeforeTheDrain_closesItsConnection_too() throws Exception {
    start(HOUR, new Limits(HOUR, HEAD, 10));
    held.set(new CountDownLatch(1));
    try (Socket asking = open()) {
      send(asking, REQUEST);
      await().until(() -> begun.get() == 1);
      isDraining.set(true);
      held.get().countDown();

      assertThat(ask(asking, "")).contains("Connection: close");
    }
  }

  private record Timer(long millis, Runnable job, AtomicBoolean over) {
    /** Roughly: what has passed since the first byte is taken off. */
    boolean isFor(long limit) {
      return millis > limit / 2 && millis <= limit;
    }
  }

  /** The real timers, remembered. */
  private static final class Timers extends ScheduledExecutorScheduler {
    private final List<Timer> made = new CopyOnWriteArrayList<>();

    @Override
    public Scheduler.Task schedule(Runnable job, long delay, TimeUnit unit) {
      var timer = new Timer(unit.toMillis(delay), job, new AtomicBoolean());
      made.add(timer);
      Scheduler.Task real = super.schedule(job, delay, unit);
      return () -> {
        timer.over().set(true);
        return real.cancel();
      };
    }

    List<Timer> pending(long limit) {
      return made.stream().filter(timer -> timer.isFor(limit) && !timer.over().get()).toList();
    }
  }
}
