package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks the accounts that can know a task, each where its model points, until one does.
 *
 * <p>The account that answered for the task before is asked first, and its failure is the answer;
 * that of any other leaves the question to the next. That a task is not found is believed when all
 * of them say so.
 */
public final class UpstreamClient implements Upstream {
  private static final Pattern MODEL_PARAMETER = Pattern.compile("(?:^|&)model=([A-Za-z0-9._-]+)");

  private final List<UpstreamAccount> accounts;
  private final Duration callTimeout;
  private final List<String> forwardParameters;

  UpstreamClient(List<UpstreamAccount> accounts, UpstreamProperties properties) {
    this.accounts = accounts;
    this.callTimeout = properties.callTimeout();
    this.forwardParameters = properties.forwardParameters();
  }

  /** The names of the query parameters that may go along with a task's id. */
  public List<String> forwardParameters() {
    return forwardParameters;
  }

  @Override
  public AccountReply ask(TaskQuery query, @Nullable String account, Duration patience) {
    List<UpstreamAccount> candidates = candidates(query, account);
    Duration timeout =
        candidates.size() == 1 ? callTimeout : callTimeout.dividedBy(candidates.size());
    AccountReply best = null;
    for (UpstreamAccount candidate : candidates) {
      TaskReply reply = candidate.ask(query, account == null, patience, timeout);
      boolean isKnownHere = candidate.name().equals(account) && !(reply instanceof NotFound);
      if (reply instanceof Known || isKnownHere) {
        return new AccountReply(reply, candidate.name());
      }
      if (best == null || best.reply() instanceof NotFound) {
        best = new AccountReply(reply, candidate.name());
      }
    }
    return Objects.requireNonNull(best);
  }

  @Override
  public long delayNanos(TaskQuery query, @Nullable String account) {
    return candidates(query, account).getFirst().delayNanos(account == null);
  }

  /** Those whose models the task's is among, or else all; in order, the given one first. */
  private List<UpstreamAccount> candidates(TaskQuery query, @Nullable String first) {
    if (accounts.size() == 1) {
      return accounts;
    }
    String model = model(query);
    List<UpstreamAccount> matching =
        accounts.stream().filter(account -> account.isFor(model)).toList();
    return (matching.isEmpty() ? accounts : matching)
        .stream().sorted(Comparator.comparing(account -> !account.name().equals(first))).toList();
  }

  private static @Nullable String model(TaskQuery query) {
    return query
        .id()
        .model()
        .orElseGet(
            () -> {
              Matcher parameter = MODEL_PARAMETER.matcher(query.parameters());
              return parameter.find() ? parameter.group(1) : null;
            });
  }
}
