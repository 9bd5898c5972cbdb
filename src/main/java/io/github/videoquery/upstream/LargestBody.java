package io.github.videoquery.upstream;

import org.springframework.util.unit.DataSize;

/** The size of the largest answer that is read: {@code gateway.upstream.max-body-size}. */
public record LargestBody(DataSize size) {}
