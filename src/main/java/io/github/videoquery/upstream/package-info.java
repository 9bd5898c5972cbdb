/** Alone talks to the provider, and alone knows its keys. */
@NullMarked
package io.github.videoquery.upstream;

import org.jspecify.annotations.NullMarked;
