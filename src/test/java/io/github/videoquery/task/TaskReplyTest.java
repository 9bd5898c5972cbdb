package io.github.videoquery.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.task.TaskReply.Failed;
import io.github.videoquery.task.TaskReply.Finished;
import io.github.videoquery.task.TaskReply.NotFound;
import io.github.videoquery.task.TaskReply.Trouble;
import io.github.videoquery.task.TaskReply.Unfinished;
import io.github.videoquery.task.TaskReply.Unreachable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TaskReplyTest {
  private static final Body BODY = new Body(new byte[] {'{', '}'});

  @Test
  void finishedAndFailedTasks_haveEnded() {
    assertThat(new Finished(BODY, "a", null, null, null).isTerminal()).isTrue();
    assertThat(new Failed(BODY, "a").isTerminal()).isTrue();
    assertThat(new Unfinished(BODY, "a").isTerminal()).isFalse();
    assertThat(new NotFound().isTerminal()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void unreachable_isATimeout_onlyForTimeout_unlessSaid(Trouble trouble) {
    assertThat(new Unreachable(trouble).isTimeout()).isEqualTo(trouble == Trouble.TIMEOUT);
  }
}
