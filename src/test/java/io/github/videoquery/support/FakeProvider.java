package io.github.videoquery.support;

import io.github.videoquery.task.HeldBodies;
import io.github.videoquery.task.TaskQuery;
import io.github.videoquery.task.TaskReply;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unreachable;
import io.github.videoquery.upstream.AccountReply;
import io.github.videoquery.upstream.Provider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A provider in memory: replies as told, counts calls, and gives permits as told. */
public final class FakeProvider implements Provider {
  public static final TaskReply DOWN = new Unreachable(Trouble.CONNECT);

  public final AtomicInteger calls = new AtomicInteger();
  public final AtomicInteger permitsGivenBack = new AtomicInteger();

  /** The accounts that calls were directed at; "" for none. */
  public final List<String> accountsAsked = new CopyOnWriteArrayList<>();

  public final List<Duration> permitTimeouts = new CopyOnWriteArrayList<>();

  /** For each call, whether it was allowed to queue. */
  public final List<Boolean> queueing = new CopyOnWriteArrayList<>();

  private volatile Function<TaskQuery, TaskReply> replies = query -> DOWN;
  private volatile Duration delay = Duration.ZERO;
  private volatile BooleanSupplier givesPermit = () -> true;
  private volatile String account = "default";

  public void reply(TaskReply reply) {
    replies = query -> reply;
  }

  public void reply(Function<TaskQuery, TaskReply> byQuery) {
    replies = byQuery;
  }

  /** The account that replies from now on. */
  public void account(String name) {
    account = name;
  }

  /** How long a permit takes, as {@link #delayNanos} tells. */
  public void delay(Duration time) {
    delay = time;
  }

  /** Decides whether a permit is given; may block. */
  public void givesPermit(BooleanSupplier decision) {
    givesPermit = decision;
  }

  @Override
  public long delayNanos(TaskQuery query, @Nullable String ofAccount) {
    return delay.toNanos();
  }

  @Override
  public @Nullable CallPermit acquire(
      TaskQuery query, @Nullable String ofAccount, Duration timeout) {
    permitTimeouts.add(timeout);
    if (!givesPermit.getAsBoolean()) {
      return null;
    }
    return new CallPermit() {
      @Override
      public AccountReply call(@Nullable String toAccount, boolean mayQueue, HeldBodies held) {
        queueing.add(mayQueue);
        calls.incrementAndGet();
        accountsAsked.add(toAccount == null ? "" : toAccount);
        TaskReply reply = replies.apply(query);
        held.add(reply);
        return new AccountReply(reply, account);
      }

      @Override
      public void giveBack() {
        permitsGivenBack.incrementAndGet();
      }
    };
  }
}
