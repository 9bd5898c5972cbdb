package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import io.github.videoquery.dialect.Classified;
import io.github.videoquery.dialect.SchemaDrift;
import io.github.videoquery.dialect.SchemaDrift.Kind;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskReply.Refusal;
import io.github.videoquery.task.TaskReply.Refused;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DriftAlarmTest {
  private static final SchemaDrift FOREIGN = new SchemaDrift(Kind.FOREIGN_TASK, "id");
  private static final SchemaDrift UNKNOWN = new SchemaDrift(Kind.UNKNOWN_STATUS, "status");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final DriftAlarm alarm = new DriftAlarm(registry);
  private final Logger logger = (Logger) LoggerFactory.getLogger(DriftAlarm.class);
  private final StuckLog log = new StuckLog();

  @BeforeEach
  void attach() {
    logger.addAppender(log);
  }

  @AfterEach
  void detach() {
    log.release.countDown();
    logger.detachAppender(log);
  }

  @Test
  void drift_isCountedEachTime_andWarnedOfOnce() {
    log.release.countDown();
    log.start();
    for (int i = 0; i < 3; i++) {
      alarm.count(UNKNOWN);
      alarm.count(FOREIGN);
    }

    assertThat(count("unknown_status")).isEqualTo(3);
    assertThat(count("foreign_task")).isEqualTo(3);
    assertThat(log.lines).hasSize(2);
    assertThat(log.lines.getLast()).contains("gateway.upstream.compare-ids=false");
  }

  /** Of one field, in one account's answers about tasks of one model. */
  @Test
  void timeInAnotherUnitThanBefore_isCounted() {
    log.release.countDown();
    for (boolean isInSeconds : new boolean[] {false, false, true, true}) {
      look("default", "veo3:a", "created_at", isInSeconds);
    }
    look("second", "veo3:a", "created_at", true);
    look("default", "sora-2:a", "created_at", true);
    look("default", "veo3:a", "expires_at", true);

    assertThat(count("time_unit")).isEqualTo(2);
  }

  private void look(String account, String task, String field, boolean isInSeconds) {
    var reply = new Refused(Refusal.ERROR, 500, null);
    alarm.look(
        account, new TaskId(task), new Classified(reply, List.of(), Map.of(field, isInSeconds)));
  }

  @Test
  void nobody_waitsForAnothersLogLine() throws Exception {
    log.start();
    Thread first = Thread.ofVirtual().start(() -> alarm.count(FOREIGN));
    assertThat(log.stuck.await(30, TimeUnit.SECONDS)).isTrue();

    alarm.count(FOREIGN); // would wait for the map that the first holds

    assertThat(count("foreign_task")).isEqualTo(2);
    log.release.countDown();
    first.join();
  }

  private double count(String kind) {
    return registry.get("gateway.upstream.drift").tag("kind", kind).counter().count();
  }

  private static final class StuckLog extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final CountDownLatch stuck = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      lines.add(event.getFormattedMessage());
      stuck.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
