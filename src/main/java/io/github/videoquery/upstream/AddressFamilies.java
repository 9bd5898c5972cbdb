package io.github.videoquery.upstream;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The addresses of one name in two families. */
final class AddressFamilies {
  private AddressFamilies() {}

  /** The addresses, alternating between families (RFC 8305, section 4). */
  static List<InetSocketAddress> interleaved(List<List<InetSocketAddress>> found) {
    var all = new ArrayList<InetSocketAddress>();
    int longest = found.stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < longest; i++) {
      for (List<InetSocketAddress> family : found) {
        if (i < family.size()) {
          all.add(family.get(i));
        }
      }
    }
    return all;
  }
}
