// Where the area codes of the United States and of Canada are, as the time zones of libphonenumber
// (8.12) have them, and what the clocks there show by the IANA time zone database of 2025 (b). A
// code that was laid over another has the clocks of both.
#include <algorithm>
#include <iterator>

#include "voicebridge/agent/quiet_hours.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

struct Area {
  CountryClocks clocks;
  std::string_view codes;  ///< Three digits each, in their order.
};

/// By what the clocks show over a year, all zones of an area.
constexpr Area kAreas[] = {
    {{-600, -600}, "808"},
    {{-600, -480}, "907"},
    {{-480, -420},
     "206 209 213 253 279 310 323 341 360 408 415 424 425 442 503 509 510 530 559 562 564 "
     "604 619 626 628 650 657 661 669 702 707 714 725 747 760 805 818 820 831 840 858 909 "
     "916 925 949 951 971"},
    {{-480, -360}, "208 236 250 458 541 672 775 778 986"},
    {{-480, -240}, "867"},
    {{-420, -420}, "623"},
    {{-420, -360},
     "303 307 368 385 403 406 435 480 505 520 575 587 602 719 720 780 801 825 915 928 970"},
    {{-420, -300}, "308 605 620 701 785"},
    {{-360, -360}, "306 639"},
    {{-360, -300},
     "204 205 210 214 217 218 224 225 228 251 254 256 262 281 309 312 314 316 318 319 320 "
     "325 331 334 337 346 361 402 405 409 414 417 430 431 432 437 447 464 469 474 479 501 "
     "504 507 512 515 531 534 539 563 572 573 580 584 601 608 612 615 618 629 630 636 641 "
     "651 659 660 662 682 708 712 713 715 726 731 737 763 769 773 779 806 815 816 817 830 "
     "832 847 870 872 901 903 913 918 920 931 936 938 940 945 952 956 972 979 985"},
    {{-360, -240}, "219 270 364 423 574 606 807 812 850 906 930"},
    {{-300, -240},
     "201 202 203 207 212 215 216 220 223 226 229 231 234 239 240 248 249 252 260 263 267 "
     "269 272 276 283 289 301 302 304 305 313 315 317 321 326 330 332 336 339 343 347 351 "
     "352 365 380 386 401 404 407 410 412 413 416 419 434 438 440 443 445 448 450 463 468 "
     "470 475 478 484 502 508 513 514 516 517 518 519 540 548 551 561 567 570 571 579 582 "
     "585 586 603 607 609 610 613 614 616 617 631 640 646 647 656 667 678 680 681 689 703 "
     "704 705 706 716 717 718 724 727 732 734 740 742 743 753 754 757 762 765 770 771 772 "
     "774 781 786 802 803 804 810 813 814 819 826 828 838 839 843 845 848 854 856 857 859 "
     "860 862 863 864 865 873 878 904 905 908 910 912 914 917 919 929 934 937 941 943 947 "
     "948 954 959 973 978 980 984 989"},
    {{-300, -180}, "367 418 581"},
    {{-240, -180}, "506 782 902"},
    {{-240, -150}, "709"},
};

bool has_code(const Area& area, std::string_view code) {
  constexpr std::size_t kStep = 4;  // A code and a blank.
  for (std::size_t at = 0; at < area.codes.size(); at += kStep) {
    if (area.codes.substr(at, code.size()) == code) return true;
  }
  return false;
}

}  // namespace

std::optional<CountryClocks> clocks_of_area(std::string_view e164) {
  constexpr std::size_t kLength = 12;  // +1, and ten digits.
  if (e164.size() != kLength || e164.substr(0, 2) != "+1") return std::nullopt;
  const std::string_view code = e164.substr(2, 3);
  const auto found = std::find_if(std::begin(kAreas), std::end(kAreas),
                                  [&](const Area& area) { return has_code(area, code); });
  if (found == std::end(kAreas)) return std::nullopt;
  return found->clocks;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
