#pragma once

/// All of voicebridge. Each header can also be included alone.
