package io.github.videoquery.dialect;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** The paths at which an answer holds a URL: what an operator can set as a link field. */
final class UrlPlaces {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int MOST = 8;

  private UrlPlaces() {}

  /** The first eight paths, joined by blanks; never a value. */
  static String in(byte[] body) {
    Set<String> places = new TreeSet<>();
    Deque<String> path = new ArrayDeque<>();
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), body)) {
      for (JsonToken token = json.nextToken();
          token != null && places.size() < MOST;
          token = json.nextToken()) {
        follow(json, token, path, places);
      }
    } catch (JacksonException lenient) {
      // what was found so far
    }
    return String.join(" ", places);
  }

  private static void follow(
      JsonParser json, JsonToken token, Deque<String> path, Set<String> places) {
    switch (token) {
      case PROPERTY_NAME -> path.addLast(FieldReader.printable(json.getString()));
      case START_ARRAY -> path.addLast("[]");
      case END_ARRAY -> {
        path.removeLast();
        leave(json, path);
      }
      case START_OBJECT -> {}
      case END_OBJECT -> leave(json, path);
      default -> {
        if (token == JsonToken.VALUE_STRING && LinkText.isLink(json.getString(), false)) {
          places.add(String.join(".", path).replace(".[]", "[]"));
        }
        leave(json, path);
      }
    }
  }

  private static void leave(JsonParser json, Deque<String> path) {
    if (json.streamReadContext().inObject() && !path.isEmpty()) {
      path.removeLast();
    }
  }
}
