package io.github.videoquery.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A forward proxy on 127.0.0.1 that knows CONNECT only. */
public final class ConnectProxy implements AutoCloseable {
  private final ServerSocket server;

  public ConnectProxy() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        Thread.ofVirtual().start(() -> tunnel(client));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private static void tunnel(Socket client) {
    try (client) {
      String[] target = head(client.getInputStream()).split(" ", 3)[1].split(":", 2);
      try (var provider = new Socket(target[0], Integer.parseInt(target[1]))) {
        client
            .getOutputStream()
            .write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        Thread back = Thread.ofVirtual().start(() -> copy(provider, client));
        copy(client, provider);
        back.join();
      }
    } catch (IOException | InterruptedException gone) {
      // one of the two hung up
    }
  }

  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    return head.toString();
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException gone) {
      // the other side will notice
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
