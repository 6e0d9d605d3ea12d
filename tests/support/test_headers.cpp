// What the test programs include, compiled once for all of them: the build adds the headers.
