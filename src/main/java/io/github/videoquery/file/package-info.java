/** Files that are read again when they change. */
@NullMarked
package io.github.videoquery.file;

import org.jspecify.annotations.NullMarked;
