/** Reads the query and renders the answer. */
@NullMarked
package io.github.videoquery.query;

import org.jspecify.annotations.NullMarked;
