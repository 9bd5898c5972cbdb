/** The only package that calls the provider, and the only one that knows its keys. */
@NullMarked
package io.github.videoquery.upstream;

import org.jspecify.annotations.NullMarked;
