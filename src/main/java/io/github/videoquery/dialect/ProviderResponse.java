package io.github.videoquery.dialect;

import java.nio.charset.Charset;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A whole response of the provider.
 *
 * @param status the HTTP status
 * @param charset of the body, where the response states one other than UTF-8
 * @param retryAfter how long the provider asks to hold back, where it says so
 */
@SuppressWarnings("ArrayRecordComponent") // travels from one method to the next; never compared
public record ProviderResponse(
    int status, byte[] body, @Nullable Charset charset, @Nullable Duration retryAfter) {}
