package io.github.videoquery.dialect;

/**
 * Names in snake case, because hosts spell the same field as {@code videoUrl} or {@code video_url}.
 */
final class SnakeCase {
  private SnakeCase() {}

  /** The name itself if it has no capitals, which is common and has to be quick. */
  static String of(String name) {
    int first = 0;
    while (first < name.length() && !isCapital(name.charAt(first))) {
      first++;
    }
    if (first == name.length()) {
      return name;
    }
    var snake = new StringBuilder(name.length() + 4);
    boolean endsWord = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (endsWord && isCapital(c)) {
        snake.append('_');
      }
      endsWord = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      snake.append(isCapital(c) ? (char) (c + 'a' - 'A') : c);
    }
    return snake.toString();
  }

  private static boolean isCapital(int c) {
    return c >= 'A' && c <= 'Z';
  }
}
