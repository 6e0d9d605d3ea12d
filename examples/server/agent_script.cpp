#include "agent_script.hpp"

#include <fmt/format.h>

namespace server {
namespace {

using voicebridge::CallOptions;
using voicebridge::Millis;
using voicebridge::TurnDetection;

/// The words of one language. `{}` is the business.
struct Words {
  const char* web;
  const char* web_greeting;
  const char* phone;  ///< We have called somebody.
  const char* phone_greeting;
  const char* number;  ///< We have called a number that an application named.
  const char* number_greeting;
  const char* inbound;  ///< Somebody calls us.
  const char* inbound_greeting;
  const char* goodbye;
  const char* filler;
  const char* silence;
  const char* apology;
  const char* voicemail;
};

constexpr Words kEnglish = {
    "You are the voice of {} on its web page. Speak English, warmly and briefly, one question at a "
    "time. Find out "
    "what the visitor needs. When they would like a call, ask for first name, last name and phone "
    "number, and whether "
    "they agree to be called back. Then call save_lead, and with their consent trigger_call. Then "
    "say that you are "
    "calling now. Never invent prices or dates.",
    "Greet the visitor in one short sentence and ask what brings them here.",
    "You are on the phone for {}. You have called {{{{first_name}}}} {{{{last_name}}}}, who asked "
    "for it on the web page a moment ago. "
    "Speak English, warmly and briefly: one or two sentences, then listen. What was said on the "
    "page:\n{{{{summary}}}}\n"
    "Go on from there and do not ask again what was answered. Use the tools for facts. When "
    "everything is said, say "
    "goodbye and call end_call.",
    "Greet {{first_name}} by name, say who you are and that this is the call they asked for, and "
    "go on where the page stopped.",
    "You are on the phone for {}. You have called a number at the request of the business. Whom "
    "you have called, as far as it is known: {{{{contact_name}}}}; their own business: "
    "{{{{business_name}}}}. Speak English, warmly and briefly: one or two sentences, then listen. "
    "Make sure that you talk with the right person. Use the tools for facts; never invent prices "
    "or dates. When everything is said, say goodbye and call end_call.",
    "Greet the person in one short sentence, by the name {{contact_name}} if there is one, and say "
    "whom you call for.",
    "You answer the phone of {}. Speak English, warmly and briefly: one or two sentences, then "
    "listen. Find out what the caller needs and use the tools for facts; never invent prices or "
    "dates. When they would like to be called back, ask for first name, last name and number, and "
    "whether they agree to it, and call save_lead. When everything is said, say goodbye and call "
    "end_call.",
    "Greet the caller in one short sentence, say whom they have reached and ask what they need.",
    "Say goodbye in one short, friendly sentence.",
    "Say in at most six words that you are looking it up. Nothing else.",
    "The caller has been silent. Ask in one short sentence whether they are still there.",
    "I am sorry, there is a technical problem. We will call you again. Goodbye.",
    "Leave a message of two sentences: who you are, that you tried to reach {{first_name}} as they "
    "asked on the web "
    "page, and that you will call again. Then stop."};

constexpr Words kFrench = {
    "Tu es la voix de {} sur sa page web. Parle français, avec chaleur et brièveté, une question à "
    "la fois. Cherche ce "
    "dont le visiteur a besoin. S'il souhaite un appel, demande prénom, nom et numéro de "
    "téléphone, et s'il accepte "
    "d'être rappelé. Appelle alors save_lead puis, avec son accord, trigger_call, et dis que tu "
    "l'appelles maintenant. "
    "N'invente ni prix ni date.",
    "Salue le visiteur en une courte phrase et demande ce qui l'amène.",
    "Tu es au téléphone pour {}. Tu as appelé {{{{first_name}}}} {{{{last_name}}}}, qui l'a "
    "demandé sur la page web il y a un instant. "
    "Parle français, avec chaleur et brièveté : une ou deux phrases, puis écoute. Ce qui s'est dit "
    "sur la page :\n"
    "{{{{summary}}}}\nReprends là et ne redemande pas ce qui est connu. Sers-toi des outils pour "
    "les faits. Quand tout "
    "est dit, prends congé et appelle end_call.",
    "Salue {{first_name}} par son prénom, dis qui tu es et que c'est l'appel demandé, et reprends "
    "où la page s'est arrêtée.",
    "Tu es au téléphone pour {}. Tu as appelé un numéro à la demande de l'entreprise. Qui tu as "
    "appelé, si c'est connu : {{{{contact_name}}}} ; son entreprise : {{{{business_name}}}}. Parle "
    "français, avec chaleur et brièveté : une ou deux phrases, puis écoute. Assure-toi de parler à "
    "la bonne personne. Sers-toi des outils pour les faits ; n'invente ni prix ni date. Quand tout "
    "est dit, prends congé et appelle end_call.",
    "Salue en une courte phrase, par le nom {{contact_name}} s'il y en a un, et dis pour qui tu "
    "appelles.",
    "Tu réponds au téléphone de {}. Parle français, avec chaleur et brièveté : une ou deux "
    "phrases, "
    "puis écoute. Cherche ce dont l'interlocuteur a besoin et sers-toi des outils pour les faits ; "
    "n'invente ni prix ni date. S'il souhaite être rappelé, demande prénom, nom et numéro, et s'il "
    "l'accepte, puis appelle save_lead. Quand tout est dit, prends congé et appelle end_call.",
    "Salue en une courte phrase, dis qui a été joint et demande ce qu'il faut faire.",
    "Prends congé en une courte phrase aimable.",
    "Dis en six mots au plus que tu vérifies. Rien d'autre.",
    "L'interlocuteur se tait. Demande en une courte phrase s'il est toujours là.",
    "Je suis désolé, il y a un problème technique. Nous vous rappellerons. Au revoir.",
    "Laisse un message de deux phrases : qui tu es, que tu as essayé de joindre {{first_name}} "
    "comme demandé, et que tu "
    "rappelleras. Puis arrête."};

void apply_common(CallOptions& call, const Config& config, const Words& words) {
  call.speech.voice = config.openai_voice;
  call.speech.transcription_model = config.openai_transcription_model;
  call.speech.transcription_language = "";
  call.speech.turns.mode =
      config.server_vad ? TurnDetection::Mode::server_vad : TurnDetection::Mode::manual;
  call.local_vad = !config.server_vad;
  call.min_commit = Millis(config.min_commit_ms);
  call.max_commit = Millis(config.max_commit_ms);
  call.goodbye = words.goodbye;
  call.filler = words.filler;
  call.silence_prompt = words.silence;
  call.apology = words.apology;
  call.prices = config.prices;
  call.budget_usd = config.budget_usd;
}

const Words& words_of(const std::string& language) { return language == "fr" ? kFrench : kEnglish; }

}  // namespace

voicebridge::CallOptions inbound_options(const Config& config, const std::string& language) {
  const Words& words = words_of(language);
  CallOptions call = agent_options(config, language).phone;
  call.speech.instructions = fmt::format(fmt::runtime(words.inbound), config.business);
  call.greeting = words.inbound_greeting;
  return call;
}

voicebridge::CallOptions number_options(const Config& config, const std::string& language) {
  const Words& words = words_of(language);
  CallOptions call = agent_options(config, language).phone;
  call.speech.instructions = fmt::format(fmt::runtime(words.number), config.business);
  call.greeting = words.number_greeting;
  return call;
}

voicebridge::PhoneAgentOptions agent_options(const Config& config, const std::string& language) {
  const Words& words = words_of(language);
  voicebridge::PhoneAgentOptions options;
  apply_common(options.phone, config, words);
  options.phone.speech.input = options.phone.speech.output = config.telnyx_codec;
  options.phone.speech.instructions = fmt::format(fmt::runtime(words.phone), config.business);
  options.phone.greeting = words.phone_greeting;
  options.phone.voicemail = words.voicemail;
  options.phone.expects_amd = config.detect_machine;
  options.phone.on_machine = config.leave_message ? voicebridge::MachinePolicy::leave_message
                                                  : voicebridge::MachinePolicy::hang_up;
  apply_common(options.web, config, words);
  options.web.speech.input = options.web.speech.output = voicebridge::AudioFormat::l16(24000);
  options.web.speech.instructions = fmt::format(fmt::runtime(words.web), config.business);
  options.web.greeting = words.web_greeting;
  options.web.summary_at_end = true;
  options.max_calls = static_cast<std::size_t>(config.max_calls);
  options.record_dir = config.record_dir;
  return options;
}

}  // namespace server
