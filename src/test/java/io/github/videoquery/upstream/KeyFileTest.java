package io.github.videoquery.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.videoquery.upstream.KeyFile.Look;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
  @TempDir Path folder;
  private Path path = Path.of("");
  private KeyFile file = new KeyFile(path);

  @BeforeEach
  void start() throws Exception {
    path = Files.writeString(folder.resolve("key"), "sk-old\n");
    file = new KeyFile(path);
    assertThat(file.readAtStart("property")).containsExactly(new ApiKey("sk-old"));
  }

  @Test
  void changedFile_isUsed_whenFoundTwiceAlike() throws Exception {
    assertThat(file.look()).isEqualTo(new Look.Unchanged());
    Files.writeString(path, "sk-n");
    assertThat(file.look()).as("half-written").isEqualTo(new Look.Changing());
    Files.writeString(path, "sk-new\n");
    assertThat(file.look()).isEqualTo(new Look.Changing());

    assertThat(file.look()).isEqualTo(new Look.Replaced(List.of(new ApiKey("sk-new"))));
    assertThat(file.look()).isEqualTo(new Look.Unchanged());
  }

  @Test
  void fileThatIsChangedBack_changesNothing() throws Exception {
    Files.writeString(path, "sk-new\n");
    assertThat(file.look()).isEqualTo(new Look.Changing());
    Files.writeString(path, "sk-old\n");

    assertThat(file.look()).isEqualTo(new Look.Unchanged());
  }

  @Test
  void unusableFile_isToldOnce() throws Exception {
    Files.writeString(path, "\n");
    assertThat(file.look()).isEqualTo(new Look.Changing());
    assertThat(file.look())
        .isEqualTo(new Look.Unusable("The file holds no key; write one a line."));
    assertThat(file.look()).isEqualTo(new Look.Unchanged());

    Files.delete(path);
    assertThat(file.look()).isEqualTo(new Look.Changing());
    assertThat(file.look()).isInstanceOf(Look.Unusable.class);
    assertThat(file.look()).isEqualTo(new Look.Unchanged());
    Files.writeString(path, "sk-new\n");
    assertThat(file.look()).isEqualTo(new Look.Changing());
    assertThat(file.look()).isInstanceOf(Look.Replaced.class);
  }
}
