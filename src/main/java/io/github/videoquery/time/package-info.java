/** The clock, and waiting on it. */
@NullMarked
package io.github.videoquery.time;

import org.jspecify.annotations.NullMarked;
