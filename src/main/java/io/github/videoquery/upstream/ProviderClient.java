package io.github.videoquery.upstream;

import io.github.videoquery.task.HeldBodies;
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
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import reactor.core.publisher.Flux;

/**
 * Calls the accounts that may know a task, chosen by its model, until one of them knows it.
 *
 * <p>The account that answered for the task before is called first, and if it fails, the failure is
 * the answer. If any other account fails, the next one is called. A task is not found only if all
 * of them say so.
 */
public final class ProviderClient implements Provider, ApplicationRunner {
  private static final Duration LONGEST_CONNECTING = Duration.ofSeconds(2);
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

  /** Before readiness: connects to each account's provider, without a call that would use a key. */
  @Override
  public void run(ApplicationArguments arguments) {
    Flux.fromIterable(accounts)
        .flatMap(Account::connect)
        .then()
        .timeout(LONGEST_CONNECTING)
        .onErrorComplete()
        .block();
  }

  @Override
  public long delayNanos(TaskQuery query, @Nullable String account) {
    return candidates(query, account).getFirst().delayNanos(account == null);
  }

  @Override
  public @Nullable CallPermit acquire(TaskQuery query, @Nullable String account, Duration timeout) {
    List<Account> order = candidates(query, account);
    Permit permit = order.getFirst().acquire(account == null, timeout);
    return permit == null ? null : new AccountPermit(order, permit, query, timeout);
  }

  /**
   * A permit of the first account in an order. The order is decided once: taking the permit delays
   * that account's next one, which would change the order.
   */
  private final class AccountPermit implements CallPermit {
    private final List<Account> order;
    private final Permit permit;
    private final TaskQuery query;
    private final Duration timeout;

    AccountPermit(List<Account> order, Permit permit, TaskQuery query, Duration timeout) {
      this.order = order;
      this.permit = permit;
      this.query = query;
      this.timeout = timeout;
    }

    @Override
    public AccountReply call(@Nullable String account, boolean mayQueue, HeldBodies held) {
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
            isPermitted || candidate.acquire(true, timeout) != null
                ? candidate.call(
                    query, isKnownHere ? callTimeout : share, account != null, mayQueue, held)
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
   * The accounts whose {@code models} match the task, or else all. The given account comes first;
   * for a first query, accounts whose permit is not delayed come first.
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
