package io.github.videoquery.dialect;

import io.github.videoquery.dialect.AnswerFields.Link;
import io.github.videoquery.dialect.LinkPlaces.Node;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Collects links from the places where an answer may have them. */
final class LinkReader {
  private LinkReader() {}

  /** Where the field of this name leads from each of the places. */
  static List<Node> step(List<Node> nodes, String name) {
    var next = new ArrayList<Node>(2);
    for (Node node : nodes) {
      Node step = node.step(name);
      if (step != null) {
        next.add(step);
      }
    }
    return next;
  }

  /** Adds the value, if a link is expected at its place. */
  static void read(
      JsonParser json, String name, JsonToken token, AnswerFields fields, List<Node> nodes) {
    if (token != JsonToken.VALUE_STRING) {
      return;
    }
    for (Node node : nodes) {
      Node place = node.step(name);
      if (place != null && !LinkPlaces.isNever(name)) {
        add(json, place, fields);
      }
    }
  }

  static void add(JsonParser json, Node place, AnswerFields fields) {
    if (place.rank() == Node.NONE) {
      return;
    }
    String text = json.getString().strip();
    if (LinkText.isLink(text, LinkPlaces.isDocumented(place.rank()))) {
      fields.links.add(new Link(place.rank(), text));
    }
  }
}
