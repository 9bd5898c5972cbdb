package io.github.videoquery.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * The life of one task, told by its id alone: {@code <model>:<unix seconds>-<suffix>}.
 *
 * <p>The model picks the host's dialect: {@code sora-2} wraps its answers and has words of its own,
 * {@code veo3} counts time in seconds, {@code veo2} sends a new {@code request_id} in each answer,
 * {@code dream-1} uses states nobody has documented; all others answer like the published example.
 * A suffix with {@code fail} ends in failure, one with {@code unknown} was never created.
 */
record SimulatedTask(String id, String model, Instant createdAt, String suffix) {
  private static final Duration UPSAMPLED_AFTER = Duration.ofSeconds(247);
  private static final String EXAMPLE = read("/provider/completed.json");

  /** A state and the simulated second until which it lasts. */
  private record Stage(int untilSecond, String status) {}

  private static final List<Stage> DOCUMENTED =
      List.of(
          new Stage(5, "pending"),
          new Stage(15, "image_downloading"),
          new Stage(150, "video_generating"),
          new Stage(160, "video_generation_completed"),
          new Stage(240, "video_upsampling"),
          new Stage(247, "completed"));
  private static final List<Stage> FAILING =
      List.of(
          new Stage(5, "pending"),
          new Stage(60, "video_generating"),
          new Stage(80, "video_generation_failed"),
          new Stage(120, "video_generating"));
  private static final List<Stage> WRAPPED =
      List.of(
          new Stage(10, "NOT_START"), new Stage(30, "SUBMITTED"), new Stage(247, "IN_PROGRESS"));
  private static final List<Stage> UNDOCUMENTED =
      List.of(
          new Stage(20, "queued"), new Stage(200, "dreaming_pixels"), new Stage(247, "polishing"));

  static SimulatedTask of(String id) {
    int colon = id.indexOf(':');
    int dash = id.indexOf('-', colon + 1);
    try {
      Instant created = Instant.ofEpochSecond(Long.parseLong(id.substring(colon + 1, dash)));
      return new SimulatedTask(id, id.substring(0, colon), created, id.substring(dash + 1));
    } catch (IndexOutOfBoundsException | NumberFormatException opaque) {
      return new SimulatedTask(id, "", Instant.EPOCH, "unknown");
    }
  }

  boolean exists() {
    return !suffix.contains("unknown");
  }

  /** The answer of a provider whose time runs {@code speed} times as fast as the clock. */
  String json(Instant now, double speed) {
    Duration age = Duration.ofMillis((long) (Duration.between(createdAt, now).toMillis() * speed));
    List<Stage> stages = stages();
    for (Stage stage : stages) {
      if (age.toSeconds() < stage.untilSecond) {
        return unfinished(stage.status, now);
      }
    }
    return suffix.contains("fail") ? failed(speed) : finished(speed);
  }

  private List<Stage> stages() {
    if (suffix.contains("fail")) {
      return FAILING;
    }
    return switch (model) {
      case "sora-2" -> WRAPPED;
      case "dream-1" -> UNDOCUMENTED;
      default -> DOCUMENTED;
    };
  }

  private String unfinished(String status, Instant now) {
    long updated = time(now);
    String noise = model.equals("veo2") ? "\"request_id\":\"" + UUID.randomUUID() + "\"," : "";
    String task =
        """
        {"id":"%s","status":"%s","video_url":null,%s"enhanced_prompt":"","status_update_time":%d,\
        "detail":{"id":"%s","status":"%s","running":true,"retry_count":1,"created_at":%d,\
        "error_message":"[403] reCAPTCHA evaluation failed","req":{"model":"%s","prompt":"make animate"}}}\
        """
            .formatted(id, status, noise, updated, id, status, time(createdAt), model);
    return wrapped(task);
  }

  private String failed(double speed) {
    long at = time(after(Duration.ofMinutes(2), speed));
    return wrapped(
        """
        {"id":"%s","status":"failed","video_url":null,"status_update_time":%d,\
        "detail":{"id":"%s","status":"failed","running":false,"retry_count":3,"created_at":%d,\
        "error_message":"your request contains unsafe prompt or images"}}\
        """
            .formatted(id, at, id, time(createdAt)));
  }

  private String finished(double speed) {
    long completed = time(after(UPSAMPLED_AFTER, speed));
    if (model.equals("sora-2")) {
      return wrapped(
          """
          {"id":"%s","status":"SUCCESS","video_url":"https://example.com/video.mp4","status_update_time":%d}\
          """
              .formatted(id, completed));
    }
    return EXAMPLE
        .replace("veo3.1-fast:1770350082-trii1OXZc3", id)
        .replace("1770350082099", Long.toString(time(createdAt)))
        .replace("1770350328994", Long.toString(completed))
        .replace("1770350329098", Long.toString(completed));
  }

  /** The time on the clock when the task is so old in simulated time. */
  private Instant after(Duration age, double speed) {
    return createdAt.plusMillis((long) (age.toMillis() / speed));
  }

  private String wrapped(String task) {
    return model.equals("sora-2") ? "{\"code\":\"success\",\"data\":" + task + "}" : task;
  }

  private long time(Instant instant) {
    return model.equals("veo3") ? instant.getEpochSecond() : instant.toEpochMilli();
  }

  private static String read(String resource) {
    try (InputStream in = SimulatedTask.class.getResourceAsStream(resource)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
