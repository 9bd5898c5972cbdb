package io.github.videoquery.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A stream of server-sent events, read by the HTML standard's rules. */
public final class Sse implements AutoCloseable {
  /** One dispatched event; a comment or a {@code retry} field comes as an event of that name. */
  public record Event(String name, @Nullable String id, String data) {}

  private final HttpResponse<InputStream> answer;
  private final BufferedReader lines;

  private Sse(HttpResponse<InputStream> answer) {
    this.answer = answer;
    this.lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8), 1024);
  }

  public static Sse open(GatewayFixture gateway, String parameters, String... headers)
      throws IOException, InterruptedException {
    return open(gateway.client, gateway, parameters, headers);
  }

  public static Sse open(
      HttpClient client, GatewayFixture gateway, String parameters, String... headers)
      throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(gateway.query(parameters));
    request.header("Accept", "text/event-stream");
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return new Sse(client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream()));
  }

  public int status() {
    return answer.statusCode();
  }

  public String header(String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  /** The next event, comment or {@code retry}; null when the stream has ended. */
  public @Nullable Event next() throws IOException {
    String name = "message";
    String id = null;
    List<String> data = new ArrayList<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty() && !data.isEmpty()) {
        return new Event(name, id, String.join("\n", data));
      }
      String[] field = line.split(": ?", 2);
      switch (field[0]) {
        case "event" -> name = field[1];
        case "id" -> id = field[1];
        case "data" -> data.add(field[1]);
        case "retry" -> {
          return new Event("retry", null, field[1]);
        }
        case "" -> {
          if (line.startsWith(":")) {
            return new Event("comment", null, field[1]);
          }
        }
        default -> throw new IOException("Not a field of an event: " + line);
      }
    }
    return null;
  }

  /** All that comes until the stream ends, comments left out. */
  public List<Event> rest() throws IOException {
    List<Event> events = new ArrayList<>();
    for (Event event = next(); event != null; event = next()) {
      if (!event.name().equals("comment")) {
        events.add(event);
      }
    }
    return events;
  }

  /** Goes without a word. */
  @Override
  public void close() throws IOException {
    answer.body().close();
  }
}
