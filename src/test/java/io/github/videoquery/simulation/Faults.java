package io.github.videoquery.simulation;

import java.nio.charset.Charset;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Every bad day by name: a task id {@code sim:<name>} is answered so. */
public final class Faults {
  private static final String TASK =
      "{\"status\":\"video_generating\",\"video_url\":null,\"status_update_time\":1770350329098}";
  private static final String EARLY_HINTS =
      "HTTP/1.1 103 Early Hints\r\nLink: </v.css>; rel=preload\r\n\r\n";
  private static final String HTML =
      "<html><head><title>502</title></head><body>bad gateway</body></html>";

  public static final Map<String, Behaviour> BY_NAME = new TreeMap<>();

  static {
    BY_NAME.put(
        "rejected-key", Behaviour.error(401, "invalid token sk-abc***", "new_api_error", ""));
    BY_NAME.put("forbidden", Behaviour.error(403, "address not allowed", "new_api_error", ""));
    BY_NAME.put("no-such-task", Behaviour.json(400, noSuchTask()));
    BY_NAME.put("no-such-task-404", Behaviour.json(404, noSuchTask()));
    BY_NAME.put("nothing-known", Behaviour.json("{\"code\":\"success\",\"data\":null}"));
    BY_NAME.put(
        "bad-request", Behaviour.error(400, "bad request", "new_api_error", "invalid_request"));
    BY_NAME.put(
        "rate-limited", Behaviour.error(429, "too many requests", "new_api_error", "rate_limit"));
    BY_NAME.put("rate-limited-empty", Behaviour.respond(429, "", ""));
    BY_NAME.put(
        "rate-limited-for-7s",
        Behaviour.respond(
            429, "application/json", "{\"error\":{\"message\":\"slow down\"}}", "Retry-After: 7"));
    BY_NAME.put(
        "out-of-quota", Behaviour.error(429, "the model is saturated", "insufficient_quota", ""));
    BY_NAME.put(
        "out-of-quota-403",
        Behaviour.error(403, "no money", "new_api_error", "insufficient_user_quota"));
    BY_NAME.put(
        "overloaded", Behaviour.error(503, "overloaded", "new_api_error", "system_cpu_overloaded"));
    BY_NAME.put(
        "server-error", Behaviour.error(500, "panic at key sk-abcdef", "new_api_error", ""));
    BY_NAME.put(
        "error-under-200",
        Behaviour.json("{\"error\":{\"message\":\"try later\",\"type\":\"x\"}}"));
    BY_NAME.put("html", Behaviour.respond(200, "text/html", HTML));
    BY_NAME.put("html-502", Behaviour.respond(502, "text/html", HTML));
    BY_NAME.put("empty", Behaviour.respond(200, "application/json", ""));
    BY_NAME.put(
        "not-json", Behaviour.respond(200, "application/json", "certainly, here is your video"));
    BY_NAME.put("truncated-json", Behaviour.json(TASK.substring(0, TASK.length() - 10)));
    BY_NAME.put("array", Behaviour.json("[" + TASK + "]"));
    BY_NAME.put(
        "deep", Behaviour.json("{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}"));
    BY_NAME.put("too-large", Behaviour.json(large(9)));
    BY_NAME.put("large", Behaviour.json(large(6)));
    BY_NAME.put("gzip", Behaviour.compressed(TASK));
    BY_NAME.put("early-hints", Behaviour.json(TASK).afterSending(EARLY_HINTS));
    BY_NAME.put("stray-answer", Behaviour.json(TASK).andThen(5, Behaviour.json(TASK)));
    BY_NAME.put("stray-head", Behaviour.json(TASK).andThen(0, Behaviour.raw("HTTP/1.1 200 O")));
    BY_NAME.put("dies-after-answer", Behaviour.json(TASK).andThen(3, Behaviour.reset()));
    BY_NAME.put("big-head", Behaviour.respond(200, "application/json", TASK, cookies(20)));
    BY_NAME.put("huge-head", Behaviour.respond(200, "application/json", TASK, cookies(80)));
    BY_NAME.put(
        "two-lengths", Behaviour.respond(200, "application/json", TASK, "Content-Length: 1"));
    BY_NAME.put("status-1000", Behaviour.respond(1000, "application/json", TASK));
    BY_NAME.put(
        "another-task", Behaviour.json(TASK.replaceFirst("\\{", "{\"id\":\"sim:not-asked-for\",")));
    BY_NAME.put("slow", Behaviour.json(TASK).after(3_000));
    BY_NAME.put("drip", Behaviour.drip(TASK, 1_000));
    BY_NAME.put("hang", Behaviour.hang());
    BY_NAME.put("reset", Behaviour.reset());
    BY_NAME.put("reset-after-headers", Behaviour.resetAfterHeaders(TASK));
    BY_NAME.put("cut", Behaviour.cutWithLength(TASK));
    BY_NAME.put("cut-without-length", Behaviour.cutWithoutLength(TASK));
  }

  static {
    String done = "{\"status\":\"completed\",\"video_url\":\"https://cdn.example/v.mp4\"";
    BY_NAME.put(
        "link-elsewhere",
        Behaviour.json("{\"status\":\"completed\",\"result_url\":\"https://cdn.example/v.mp4\"}"));
    BY_NAME.put(
        "another-envelope",
        Behaviour.json(
            "{\"output\":{\"task_status\":\"SUCCEEDED\",\"video_url\":\"https://cdn.example/v\"}}"));
    BY_NAME.put("another-word", Behaviour.json("{\"state\":\"done\"," + done.substring(22) + "}"));
    BY_NAME.put(
        "never-a-link", Behaviour.json("{\"id\":\"sim:never-a-link\",\"status\":\"completed\"}"));
    BY_NAME.put("raw-line-feed", Behaviour.json(done + ",\"prompt\":\"line\nnext\"}"));
    BY_NAME.put("not-a-number", Behaviour.json(done + ",\"fps\":NaN}"));
    BY_NAME.put(
        "gbk",
        Behaviour.respond(
            200,
            "application/json; charset=GBK",
            (done + ",\"prompt\":\"\u4e2d\"}").getBytes(Charset.forName("GBK"))));
    BY_NAME.put(
        "refused-by-code", Behaviour.json("{\"code\":401,\"message\":\"token sk-abc***\"}"));
    BY_NAME.put("refused-by-flag", Behaviour.json("{\"success\":false,\"message\":\"sk-abc\"}"));
    BY_NAME.put("message-alone", Behaviour.json("{\"message\":\"Unauthorized sk-abc\"}"));
    BY_NAME.put("payment-required", Behaviour.error(402, "x", "billing_error", "x"));
    BY_NAME.put("gone", Behaviour.error(410, "x", "", "task_expired"));
    BY_NAME.put("router-404", Behaviour.json(404, "{\"message\":\"no Route matched\"}"));
    BY_NAME.put(
        "moved", Behaviour.respond(301, "", "", "Location: https://other.example/v1/video/query"));
    BY_NAME.put("forbidden-task", Behaviour.error(403, "x", "new_api_error", "task_forbidden"));
    BY_NAME.put("challenge", Behaviour.respond(403, "text/html", HTML, "cf-mitigated: challenge"));
  }

  private Faults() {}

  private static String[] cookies(int kilobytes) {
    return Collections.nCopies(kilobytes, "Set-Cookie: " + "c".repeat(1_010))
        .toArray(String[]::new);
  }

  public static Behaviour named(String name) {
    return Objects.requireNonNull(BY_NAME.get(name), name);
  }

  public static String noSuchTask() {
    return "{\"code\":\"task_not_exist\",\"message\":\"task_not_exist\",\"data\":null}";
  }

  private static String large(int megabytes) {
    return TASK.replaceFirst(
        "\\{", "{\"detail\":{\"req\":{\"images\":[\"" + "A".repeat(megabytes << 20) + "\"]}},");
  }
}
