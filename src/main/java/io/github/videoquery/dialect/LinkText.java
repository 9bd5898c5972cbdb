package io.github.videoquery.dialect;

import java.util.regex.Pattern;

/** Distinguishes a link from a placeholder: blanks, "null", "pending". */
final class LinkText {
  private static final Pattern WEB =
      Pattern.compile("(?i)https?://[^\\s/?#:@]++(@[^\\s/?#:]++)?(:\\d*+)?(?=[/?#]|$)");
  private static final Pattern OTHER_SCHEME = Pattern.compile("(?i)[a-z][a-z0-9+.-]*:\\S+");
  private static final Pattern PATH = Pattern.compile("/\\S+");

  private LinkText() {}

  /**
   * @param isDocumented whether the text stands at a place that the provider documents: there
   *     another scheme ({@code gs:}, {@code data:}) or a path counts, too
   */
  static boolean isLink(String text, boolean isDocumented) {
    if (text.regionMatches(true, 0, "http:", 0, 5) || text.regionMatches(true, 0, "https:", 0, 6)) {
      return WEB.matcher(text).lookingAt() && !hasBlank(text);
    }
    if (!isDocumented || text.isEmpty()) {
      return false;
    }
    return text.charAt(0) == '/'
        ? PATH.matcher(text).matches()
        : OTHER_SCHEME.matcher(text).lookingAt();
  }

  private static boolean hasBlank(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isWhitespace(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }
}
