package io.github.videoquery.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.videoquery.dialect.StrictJson;
import io.github.videoquery.problem.Problem;
import io.github.videoquery.task.TaskId;
import io.github.videoquery.task.TaskReply.Known;
import java.io.IOException;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Events of a stream of several tasks: their ids are cursors, and their data names the task.
 *
 * @param cursor what was sent about all tasks, this event included
 */
record NamedTaskEvents(TaskId id, EventStream events, Supplier<StreamCursor> cursor)
    implements TaskEvents {
  private static final byte[] END = {'}'};

  @Override
  public void status(Known known) throws IOException {
    send("status", "task", StrictJson.of(known.body()));
  }

  @Override
  public void expected(Instant end, String tag) throws IOException {
    send("expected", "expectedAt", ('"' + end.toString() + '"').getBytes(UTF_8));
  }

  @Override
  public void problem(Problem problem, @Nullable String tag) throws IOException {
    send("problem", "problem", problem.document(events.request()));
  }

  @Override
  public void end(String how, String lastEventId) throws IOException {
    send("end", "end", ('"' + how + '"').getBytes(UTF_8));
  }

  private void send(String event, String member, byte[] value) throws IOException {
    String quoted = new String(JsonStringEncoder.getInstance().quoteAsCharArray(id.value()));
    byte[] begin = ("{\"id\":\"" + quoted + "\",\"" + member + "\":").getBytes(UTF_8);
    events.event(event, cursor.get().toString(), begin, value, END);
  }
}
