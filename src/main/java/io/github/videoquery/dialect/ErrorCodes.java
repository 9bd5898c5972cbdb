package io.github.videoquery.dialect;

import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What codes and types of errors mean. Messages are ignored, with one exception: a 404 whose
 * message mentions a task.
 *
 * @param notFound codes of an operator's for "no such task"
 */
record ErrorCodes(Set<String> notFound) {
  static final ErrorCodes STANDARD = new ErrorCodes(Set.of());

  private static final Set<String> SUCCESS =
      Set.of("success", "succeed", "succeeded", "ok", "0", "200", "201", "202", "20000", "10000");

  private static final Pattern NO_SUCH_TASK =
      Pattern.compile(
          "(task|video|job|generation)(_?id)?_?"
              + "(not_?(exists?|found)|does_?not_?exist|expired|deleted|missing)"
              + "|(invalid|unknown|no_such)_(task|video|job|generation)(_?id)?");

  private static final Pattern QUOTA =
      Pattern.compile(
          ".*(insufficient_(user_)?(quota|balance|credits?|funds)"
              + "|quota_(not_enough|exceeded|exhausted|failed)|quota_.*_?failed"
              + "|(exceeded|exhausted)_.*quota|not_enough_(balance|credits?|quota)"
              + "|out_of_(quota|credits?|balance)|payment_required|billing|arrears"
              + "|balance_(not_enough|insufficient)).*");

  private static final Pattern CREDENTIALS =
      Pattern.compile(
          ".*(unauthori[sz]ed|unauthenticated|authentication|invalid_(api_?)?key|api_?key"
              + "|(invalid|expired|missing|bad)_(access_)?token"
              + "|(access_)?token_(invalid|expired|missing|disabled)|credential).*");

  /** What the code of a 403 mentions when our key is refused, and not the task. */
  private static final Pattern KEY_OR_ACCOUNT =
      Pattern.compile(
          ".*(key|token|account|permission|auth|credential|user|group|ip_|_ip|region).*");

  private static final Pattern TASK_WORD =
      Pattern.compile("(?i)(?<![\\w/.?=&-])(tasks?|videos?|jobs?|generations?)(?![\\w/?=&-])");

  /** The type of this API family's generic error, which has no further meaning. */
  private static final String PLAIN_TYPE = "new_api_error";

  ErrorCodes with(Collection<String> more) {
    Set<String> all = new HashSet<>(notFound);
    more.stream().map(ErrorCodes::word).forEach(all::add);
    return new ErrorCodes(Set.copyOf(all));
  }

  static String word(String code) {
    return code.strip()
        .toLowerCase(Locale.ROOT)
        .replace(' ', '_')
        .replace('-', '_')
        .replace('.', '_');
  }

  static boolean isSuccess(String code) {
    return SUCCESS.contains(word(code));
  }

  boolean saysNoSuchTask(@Nullable String code) {
    return code != null
        && (NO_SUCH_TASK.matcher(word(code)).matches() || notFound.contains(word(code)));
  }

  static boolean saysQuota(@Nullable String code) {
    return code != null && QUOTA.matcher(word(code)).matches();
  }

  static boolean saysCredentials(@Nullable String code) {
    return code != null && CREDENTIALS.matcher(word(code)).matches();
  }

  static boolean saysKeyOrAccount(@Nullable String code) {
    return code != null && KEY_OR_ACCOUNT.matcher(word(code)).matches();
  }

  static boolean isPlain(@Nullable String type, @Nullable String code) {
    return type != null && word(type).equals(PLAIN_TYPE) && (code == null || code.isBlank());
  }

  /** Whether a text speaks of a task outside a path or an address. */
  static boolean speaksOfATask(@Nullable String text) {
    return text != null && TASK_WORD.matcher(text.replace('_', ' ')).find();
  }
}
