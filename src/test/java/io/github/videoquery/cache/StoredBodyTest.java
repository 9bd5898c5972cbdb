package io.github.videoquery.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.videoquery.task.Body;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredBodyTest {
  @Test
  void body_isReadAsItWasWritten() throws IOException {
    var bytes = new ByteArrayOutputStream();
    StoredBody.write(
        new DataOutputStream(bytes),
        new Body(new byte[] {1, 2, 3}, Charset.forName("GBK"), "queued"),
        null);

    Body read = StoredBody.read(in(bytes.toByteArray()));

    assertThat(read.bytes()).containsExactly(1, 2, 3);
    assertThat(read.charset()).isEqualTo(Charset.forName("GBK"));
    assertThat(read.news()).isEqualTo(new Body(new byte[0], null, "queued").news());
  }

  @Test
  void emptyBody_isRead() throws IOException {
    assertThat(StoredBody.read(in(stored("", false, 0, new byte[0]))).length()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, (64 << 20) + 1, Integer.MAX_VALUE})
  void lengthThatCannotBe_isRefused_beforeAnythingIsRead(int length) throws IOException {
    byte[] stored = stored("", false, length, new byte[10]);

    assertThatThrownBy(() -> StoredBody.read(in(stored))).hasMessage("No such length");
  }

  @Test
  void sixtyFourMegabytes_areReadAtMost() throws IOException {
    byte[] stored = stored("", false, 64 << 20, new byte[10]);

    assertThatThrownBy(() -> StoredBody.read(in(stored))).hasMessage("Cut");
  }

  @Test
  void bodyThatIsCut_isRefused() throws IOException {
    byte[] stored = stored("", false, 11, new byte[10]);

    assertThatThrownBy(() -> StoredBody.read(in(stored))).hasMessage("Cut");
  }

  @Test
  void charsetThatNobodyKnows_isRefused() throws IOException {
    for (String charset : new String[] {"no-such-charset", "?"}) {
      byte[] stored = stored(charset, false, 1, new byte[1]);

      assertThatThrownBy(() -> StoredBody.read(in(stored))).hasMessage("No such charset");
    }
  }

  private static byte[] stored(String charset, boolean gzip, int length, byte[] body)
      throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeUTF(charset);
    out.writeLong(0);
    out.writeBoolean(gzip);
    out.writeInt(length);
    out.write(body);
    return bytes.toByteArray();
  }

  private static DataInputStream in(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }
}
