"""From a position to pages: context, HTML and PDF apart, so that what is approved in the browser is what is printed."""
