package io.github.videoquery.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.problem.ProblemException;
import io.github.videoquery.support.FakeTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.http.ResponseEntity;
import org.springframework.mock.env.MockEnvironment;

class TaskPageTest {
  private final FakeTime time = new FakeTime(Instant.ofEpochSecond(1_770_350_082));
  private final MockEnvironment settings = new MockEnvironment();

  private TaskPage page(boolean enabled, String... examples) {
    return new TaskPage(new PageProperties(enabled, List.of(examples)), settings, time);
  }

  private static String html(TaskPage page) {
    return Objects.requireNonNull(page.page().getBody());
  }

  @Test
  void script_isToldHowManyTasksAStreamMayHave() {
    assertThat(html(page(true))).contains("data-max-tasks=\"50\"");

    settings.setProperty("gateway.wait.max-tasks-per-stream", "7");
    assertThat(html(page(true))).contains("data-max-tasks=\"7\"");
  }

  @Test
  void examples_areEscaped_andHaveTheTimeOfTheRequest() {
    TaskPage page = page(true, "veo3:{now}-demo", "<b>");
    assertThat(html(page)).contains("value=\"veo3:1770350082-demo\"", "&lt;b&gt;");

    time.advance(Duration.ofSeconds(5));
    assertThat(html(page)).contains("veo3:1770350087-demo").doesNotContain("<b>");
  }

  @Test
  void pageThatIsSwitchedOff_isNotFound_butForTheScriptThatOtherPagesUse() {
    TaskPage off = page(false);

    assertThatThrownBy(off::page).isInstanceOf(ProblemException.class);
    assertThatThrownBy(() -> off.board("")).isInstanceOf(ProblemException.class);
    assertThatThrownBy(() -> off.style("")).isInstanceOf(ProblemException.class);
    assertThat(off.watch("").getStatusCode().value()).isEqualTo(200);
  }

  /** Proxies keep a file that is asked for with the version of the jar; here there is no jar. */
  @Test
  void files_mustBeAskedForEachTime_whenNoVersionOrAnotherIsNamed() {
    for (String wanted : List.of("", "9.9.9")) {
      ResponseEntity<byte[]> script = page(true).board(wanted);
      assertThat(script.getHeaders().getCacheControl()).isEqualTo("no-cache");
      assertThat(script.getHeaders().getETag()).matches("\"[A-Za-z0-9+/=]{44}\"");
    }
  }
}
