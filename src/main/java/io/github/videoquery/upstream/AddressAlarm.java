package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.github.videoquery.time.TimeSource;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs a warning if the address is not a provider's: it redirects, or does not know the path. Warns
 * once, and again only after a task was answered there, at most once in 10 minutes: a host can
 * answer so for single tasks.
 */
final class AddressAlarm {
  private static final Logger log = LoggerFactory.getLogger(AddressAlarm.class);

  private final String account;
  private final URI endpoint;
  private static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final TimeSource time;
  private final AtomicReference<@Nullable Refusal> warned = new AtomicReference<>();
  private long nextWarning;

  /**
   * @param endpoint the address that is asked, without a query
   */
  AddressAlarm(String account, URI endpoint, TimeSource time) {
    this.time = time;
    this.nextWarning = time.nanoTime();
    this.account = account;
    this.endpoint = endpoint;
  }

  /**
   * @param location where the response sends us, if it does
   */
  void look(TaskReply reply, @Nullable String location) {
    if (reply instanceof Refused refused) {
      if (refused.refusal() == Refusal.REDIRECT && isNew(Refusal.REDIRECT)) {
        log.atWarn()
            .addKeyValue("account", account)
            .log(
                "The provider redirects from {}{} to {}; the key is not sent there. Set"
                    + " gateway.upstream.base-url to the provider's real address (account {})",
                origin(endpoint),
                endpoint.getPath(),
                origin(location),
                account);
      } else if (refused.refusal() == Refusal.INVALID_RESPONSE
          && refused.upstreamStatus() == 404
          && isNew(Refusal.INVALID_RESPONSE)) {
        log.atWarn()
            .addKeyValue("account", account)
            .log(
                "{} knows no path {}: is gateway.upstream.base-url right? (account {})",
                origin(endpoint),
                endpoint.getPath(),
                account);
      }
    } else if (reply instanceof TaskReply.Known && warned.get() != null) {
      warned.set(null);
    }
  }

  private synchronized boolean isNew(Refusal refusal) {
    long now = time.nanoTime();
    boolean isNew = warned.getAndSet(refusal) != refusal && now - nextWarning >= 0;
    nextWarning = isNew ? now + INTERVAL_NANOS : nextWarning;
    return isNew;
  }

  private static String origin(@Nullable String location) {
    try {
      return location == null ? "nowhere" : origin(URI.create(location));
    } catch (IllegalArgumentException unreadable) {
      return "an address that cannot be read";
    }
  }

  private static String origin(URI address) {
    if (address.getHost() == null) {
      return "another path of the same host";
    }
    String port = address.getPort() < 0 ? "" : ":" + address.getPort();
    return address.getScheme() + "://" + address.getHost() + port;
  }
}
