package io.github.videoquery.cache;

import io.github.videoquery.task.Body;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A body as part of a {@link StoredEntry}: its charset, the digest of its news, whether it is
 * compressed, and its length.
 */
final class StoredBody {
  private static final int LARGEST_BODY = 64 << 20;

  private StoredBody() {}

  /**
   * @param compressed the bytes in gzip; null writes them as they are
   */
  static void write(DataOutputStream out, Body body, byte @Nullable [] compressed)
      throws IOException {
    Charset charset = body.charset();
    out.writeUTF(charset == null ? "" : charset.name());
    out.writeLong(body.newsDigest());
    out.writeBoolean(compressed != null);
    out.writeInt(body.length());
    out.write(compressed != null ? compressed : body.bytes());
  }

  /**
   * @throws IOException if that is no body: cut, of an unknown charset, or longer than 64 MB
   */
  static Body read(DataInputStream in) throws IOException {
    String charset = in.readUTF();
    long news = in.readLong();
    boolean gzip = in.readBoolean();
    int length = in.readInt();
    if (length < 0 || length > LARGEST_BODY) {
      throw new IOException("No such length");
    }
    byte[] bytes = (gzip ? new GZIPInputStream(in) : in).readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("Cut");
    }
    try {
      return new Body(bytes, charset.isEmpty() ? null : Charset.forName(charset), news);
    } catch (IllegalArgumentException unknown) {
      throw new IOException("No such charset", unknown);
    }
  }
}
