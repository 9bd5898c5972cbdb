package io.github.videoquery.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.videoquery.access.Client;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.task.TaskReply.Known;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Events of a stream of one task: their ids are tags, and their data is about nothing else. */
record SoleTaskEvents(EventStream events) implements TaskEvents {
  @Override
  public void status(Known known) throws IOException {
    events.event("status", known.body().tag(), known.body().utf8());
  }

  @Override
  public void expected(Instant end, String tag) throws IOException {
    events.event("expected", tag, ("{\"expectedAt\":\"" + end + "\"}").getBytes(UTF_8));
  }

  @Override
  public void problem(Problem problem, @Nullable String tag) throws IOException {
    events.event("problem", tag, problem.document(events.request()));
  }

  /**
   * Sends what follows the last event: the problem, if the client's token expired; else nothing.
   */
  void sendEnding(boolean isExpired) throws IOException {
    if (isExpired) {
      events.event("problem", null, Client.EXPIRED.document(events.request()));
    }
  }

  @Override
  public void end(String how, String lastEventId) throws IOException {
    events.event("end", lastEventId, how.getBytes(UTF_8));
  }
}
