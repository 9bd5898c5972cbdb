package io.github.videoquery.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP relay on 127.0.0.1 that is slow, can move to another target, or go dark without closing.
 */
public final class Relay implements AutoCloseable {
  private final ServerSocket server;
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
  private final Set<Socket> dark = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private final long delayNanos;
  private final ScheduledExecutorService link = Executors.newSingleThreadScheduledExecutor();
  private volatile int target;

  public Relay(int target) throws IOException {
    this(target, Duration.ZERO);
  }

  /**
   * @param delay of each byte, and of a close, in both directions
   */
  public Relay(int target, Duration delay) throws IOException {
    this.target = target;
    this.delayNanos = delay.toNanos();
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  public int accepted() {
    return accepted.get();
  }

  /** New connections go there; those that exist stay where they are. */
  public void moveTo(int port) {
    target = port;
  }

  /** Forwards nothing more on the connections that exist, and does not close them. */
  public void darken() {
    dark.addAll(clients);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        accepted.incrementAndGet();
        Thread.ofVirtual().start(() -> relay(client));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private void relay(Socket client) {
    try (client;
        var provider = new Socket(InetAddress.getLoopbackAddress(), target)) {
      clients.add(client);
      Thread back = Thread.ofVirtual().start(() -> copy(provider, client, client));
      copy(client, provider, client);
      back.join();
    } catch (IOException | InterruptedException gone) {
      // one of the two hung up
    }
  }

  private void copy(Socket from, Socket to, Socket client) {
    byte[] buffer = new byte[65_536];
    try {
      for (int read = from.getInputStream().read(buffer);
          read >= 0;
          read = from.getInputStream().read(buffer)) {
        byte[] part = Arrays.copyOf(buffer, read);
        later(
            () -> {
              if (!dark.contains(client)) {
                to.getOutputStream().write(part);
              }
            });
      }
      later(to::close);
    } catch (IOException | RejectedExecutionException gone) {
      // the other side will notice, or the relay is closed
    }
  }

  private interface Transfer {
    void run() throws IOException;
  }

  /** At once, or in the order of the calls, each so much later. */
  private void later(Transfer transfer) throws IOException {
    if (delayNanos == 0) {
      transfer.run();
      return;
    }
    var _ =
        link.schedule(
            () -> {
              transfer.run();
              return null;
            },
            delayNanos,
            TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    try {
      server.close();
      link.shutdownNow();
      for (Socket client : clients) {
        client.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
