package io.github.videoquery.upstream;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;
import org.springframework.http.client.reactive.ClientHttpRequest;
import reactor.netty.Connection;

/** The connection that a call uses, so that the call can close it. */
final class CallConnection {
  private volatile @Nullable Channel channel;

  /**
   * Takes the channel, and not the client's object for the connection, which is an empty one once
   * the call has ended.
   */
  void take(ClientHttpRequest request) {
    Connection connection = request.getNativeRequest();
    channel = connection.channel();
  }

  void close() {
    Channel open = channel;
    if (open != null) {
      var _ = open.close();
    }
  }
}
