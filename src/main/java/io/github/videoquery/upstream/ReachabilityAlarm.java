package io.github.videoquery.upstream;

import io.github.videoquery.http.HttpProxy;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.time.TimeSource;
import java.net.URI;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs a warning when an account can no longer be reached, with the cause and the setting to look
 * at, and again when another cause appears. One cause is warned of at most once a minute, for a
 * provider can be reached by one of its addresses and not by another.
 */
final class ReachabilityAlarm {
  private static final Logger log = LoggerFactory.getLogger(ReachabilityAlarm.class);
  private static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** The breaker warns of a provider that answers late, or breaks connections. */
  private static final Set<Trouble> TOLD =
      EnumSet.of(Trouble.DNS, Trouble.CONNECT, Trouble.TLS, Trouble.PROXY);

  private final String account;
  private final URI endpoint;
  private final @Nullable HttpProxy proxy;
  private final TimeSource time;
  private volatile boolean isTold;
  private @Nullable String told;
  private long toldAt;

  /**
   * @param endpoint the address that is asked, without a query
   */
  ReachabilityAlarm(String account, URI endpoint, @Nullable HttpProxy proxy, TimeSource time) {
    this.account = account;
    this.endpoint = endpoint;
    this.proxy = proxy;
    this.time = time;
  }

  /**
   * @param cause what the network layer threw
   */
  void failed(TaskReply reply, Throwable cause) {
    if (reply instanceof Unreachable none && TOLD.contains(none.trouble())) {
      tell(Unreached.why(none.trouble(), cause, endpoint, proxy));
    }
  }

  private synchronized void tell(String why) {
    long now = time.nanoTime();
    if (why.equals(told) && (isTold || now - toldAt < INTERVAL_NANOS)) {
      return;
    }
    told = why;
    toldAt = now;
    isTold = true;
    log.atWarn()
        .addKeyValue("account", account)
        .log("The provider cannot be reached (account {}). {}", account, why);
  }

  /** The provider answered, whatever it said. */
  void reached() {
    if (isTold) {
      isTold = false;
      log.atWarn()
          .addKeyValue("account", account)
          .log("The provider is reached again (account {})", account);
    }
  }
}
