// Replies and events of AMI as a web client gets them: as they are, as XML, as a page.
//
// The XML is Asterisk's: one <response> for each packet, its headers as attributes with names in
// lower case, in which what is no letter or digit is '_'; the second header of a name is `name-2`.
// The parameters `ajaxdest` and `ajaxobjtype` of the request name the id of a <response> and the
// element in it.
// Pure; any thread. Source: Asterisk documentation, "Asynchronous Javascript Asterisk Manager
// (AJAM)", "Allow Manager Access via HTTP".
#pragma once

#include <string>
#include <string_view>

#include "ami/web/form.h"

namespace missive::ami::web {

enum class Format { html, text, xml };

std::string_view content_type(Format format);

struct View {
  Format format;
  std::string id = "unknown";
  std::string element = "generic";  // a name of XML
};
// As the request wants it; a name that is none is not taken.
View view_of(Format format, const Parameters& parameters);

// `packets` are whole ones, each with its empty line. The page has a form to ask for more.
std::string render(const View& view, std::string_view packets);

}  // namespace missive::ami::web
