package io.github.videoquery.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.file.WatchedFile.Look;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFileTest {
  @TempDir Path folder;
  private Path path = Path.of("");
  private WatchedFile<String> file = new WatchedFile<>(path, WatchedFileTest::parse);

  @BeforeEach
  void start() throws Exception {
    path = Files.writeString(folder.resolve("file"), "old");
    file = new WatchedFile<>(path, WatchedFileTest::parse);
    assertThat(file.readAtStart()).isEqualTo("old");
  }

  @Test
  void changedFile_isUsed_whenFoundTwiceAlike() throws Exception {
    assertThat(file.look()).isEqualTo(new Look.Unchanged<>());
    Files.writeString(path, "ne");
    assertThat(file.look()).as("half-written").isEqualTo(new Look.Changing<>());
    Files.writeString(path, "new");
    assertThat(file.look()).isEqualTo(new Look.Changing<>());

    assertThat(file.look()).isEqualTo(new Look.Replaced<>("new"));
    assertThat(file.look()).isEqualTo(new Look.Unchanged<>());
  }

  @Test
  void fileThatIsChangedBack_changesNothing() throws Exception {
    Files.writeString(path, "new");
    assertThat(file.look()).isEqualTo(new Look.Changing<>());
    Files.writeString(path, "old");

    assertThat(file.look()).isEqualTo(new Look.Unchanged<>());
  }

  @Test
  void unusableFile_isToldOnce() throws Exception {
    Files.writeString(path, "");
    assertThat(file.look()).isEqualTo(new Look.Changing<>());
    assertThat(file.look()).isEqualTo(new Look.Unusable<>("The file is empty."));
    assertThat(file.look()).isEqualTo(new Look.Unchanged<>());

    Files.writeString(path, "new");
    assertThat(file.look()).isEqualTo(new Look.Changing<>());
    assertThat(file.look()).isEqualTo(new Look.Replaced<>("new"));
  }

  @Test
  void missingFile_isToldOnce_andChangesNothing_whenItIsBack() throws Exception {
    Files.delete(path);
    assertThat(file.look()).as("it may be being replaced").isEqualTo(new Look.Changing<>());
    assertThat(file.look()).isInstanceOf(Look.Unusable.class);
    assertThat(file.look()).isEqualTo(new Look.Unchanged<>());

    Files.writeString(path, "old");
    assertThat(file.look()).isEqualTo(new Look.Unchanged<>());
    Files.delete(path);
    assertThat(file.look()).isEqualTo(new Look.Changing<>());
    Files.writeString(path, "new");
    assertThat(file.look()).isEqualTo(new Look.Changing<>());
    assertThat(file.look()).isEqualTo(new Look.Replaced<>("new"));
  }

  @Test
  void readAtStart_fails_whenThereIsNoFile() {
    var missing = new WatchedFile<>(folder.resolve("missing"), WatchedFileTest::parse);

    assertThatThrownBy(missing::readAtStart).isInstanceOf(IOException.class);
    assertThat(missing).hasToString(folder.resolve("missing").toString());
  }

  private static String parse(byte[] bytes) {
    if (bytes.length == 0) {
      throw new IllegalArgumentException("The file is empty.");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
