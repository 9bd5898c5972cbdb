package io.github.videoquery.dialect;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The parameters of a link: of its query, and of a part of its path that holds some. */
final class LinkParameters {
  private static final Pattern PARAMETERS_IN_PATH = Pattern.compile("/[^/?]*\\bexpires=[^/?]*");

  private LinkParameters() {}

  /** By name in lower case; the first of a name counts. */
  static Map<String, String> of(String link) {
    Map<String, String> parameters = new HashMap<>();
    int fragment = link.indexOf('#');
    String whole = fragment < 0 ? link : link.substring(0, fragment);
    int query = whole.indexOf('?');
    if (query >= 0) {
      addParameters(whole.substring(query + 1), parameters);
    }
    PARAMETERS_IN_PATH
        .matcher(query < 0 ? whole : whole.substring(0, query))
        .results()
        .forEach(found -> addParameters(found.group().substring(1), parameters));
    return parameters;
  }

  private static void addParameters(String query, Map<String, String> parameters) {
    for (String parameter : query.split("[&;](?!\\d)", -1)) {
      int equals = parameter.indexOf('=');
      if (equals > 0) {
        parameters.putIfAbsent(
            decode(parameter.substring(0, equals)).toLowerCase(Locale.ROOT),
            decode(parameter.substring(equals + 1)));
      }
    }
  }

  private static String decode(String text) {
    try {
      return text.indexOf('%') < 0
          ? text
          : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return text;
    }
  }
}
