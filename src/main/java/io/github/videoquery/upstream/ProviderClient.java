package io.github.videoquery.upstream;

import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Known;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.upstream.FairRateLimiter.Permit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks the accounts that can know a task, each where its model points, until one does.
 *
 * <p>The account that answered for the task before is asked first, and its failure is the answer;
 * that of any other leaves the question to the next. That a task is not found is believed when all
 * of them say so.
 */
public final class ProviderClient implements Provider {
  private static final long LONG_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final TaskReply PACED = new Unreachable(Trouble.PACED);

  private final List<Account> accounts;
  private final Duration callTimeout;
  private final List<String> forwardParameters;

  ProviderClient(List<Account> accounts, UpstreamProperties properties) {
    this.accounts = accounts;
    this.callTimeout = properties.callTimeout();
    this.forwardParameters = properties.forwardParameters();
  }

  /** The names of the query parameters that may go along with a task's id. */
  public List<String> forwardParameters() {
    return forwardParameters;
  }

  @Override
  public long delayNanos(TaskQuery query, @Nullable String account) {
    return candidates(query, account).getFirst().delayNanos(account == null);
  }

  @Override
  public @Nullable CallPermit acquire(
      TaskQuery query, @Nullable String account, Duration patience) {
    List<Account> order = candidates(query, account);
    Permit permit = order.getFirst().acquire(account == null, patience);
    return permit == null ? null : new TurnAt(order, permit, query, patience);
  }

  /**
   * A permit of the first account in an order. The order is decided once: the permit itself makes
   * its account the farther one.
   */
  private final class TurnAt implements CallPermit {
    private final List<Account> order;
    private final Permit permit;
    private final TaskQuery query;
    private final Duration patience;

    TurnAt(List<Account> order, Permit permit, TaskQuery query, Duration patience) {
      this.order = order;
      this.permit = permit;
      this.query = query;
      this.patience = patience;
    }

    @Override
    public AccountReply call(@Nullable String account) {
      Account first = order.getFirst();
      List<Account> candidates = account == null ? order : candidates(query, account);
      if (!candidates.getFirst().equals(first)) {
        giveBack();
      }
      Duration share = callTimeout.dividedBy(candidates.size());
      AccountReply best = null;
      for (Account candidate : candidates) {
        boolean isPermitted = best == null && candidate.equals(first);
        boolean isKnownHere = candidate.name().equals(account);
        TaskReply reply =
            isPermitted || candidate.acquire(true, patience) != null
                ? candidate.call(query, isKnownHere ? callTimeout : share)
                : PACED;
        if (reply instanceof Known || (isKnownHere && !(reply instanceof NotFound))) {
          return new AccountReply(reply, candidate.name());
        }
        if (best == null || best.reply() instanceof NotFound) {
          best = new AccountReply(reply, candidate.name());
        }
      }
      return Objects.requireNonNull(best);
    }

    @Override
    public void giveBack() {
      order.getFirst().giveBack(permit);
    }
  }

  /**
   * Those whose models the task's is among, or else all: first the given one; for a first query
   * those whose permit comes sooner.
   */
  private List<Account> candidates(TaskQuery query, @Nullable String first) {
    if (accounts.size() == 1) {
      return accounts;
    }
    String model = query.model();
    List<Account> matching = accounts.stream().filter(account -> account.isFor(model)).toList();
    List<Account> candidates = matching.isEmpty() ? accounts : matching;
    Predicate<Account> isFirst =
        first == null
            ? account -> account.delayNanos(true) <= LONG_DELAY_NANOS
            : account -> account.name().equals(first);
    Map<Boolean, List<Account>> parted = // asks each once: delays change meanwhile
        candidates.stream().collect(Collectors.partitioningBy(isFirst));
    return Stream.of(true, false)
        .flatMap(part -> parted.getOrDefault(part, List.of()).stream())
        .toList();
  }
}
