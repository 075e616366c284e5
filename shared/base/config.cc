// SPDX-License-Identifier: MIT
#include "shared/base/config.h"

#include <array>
#include <boost/program_options.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>

#include "shared/base/error.h"
#include "shared/base/text.h"

namespace po = boost::program_options;

namespace rpm {

struct Options::Impl {
    struct Option {
        std::string name;
        std::function<void(const std::string&)> set;
        std::function<std::string()> show;
    };
    std::string program;
    std::string purpose;
    po::options_description file_options{"Settings (also in the file, as [section] name = value)"};
    po::options_description general{"General"};
    po::options_description flags{"Command line only"};
    po::options_description hidden;
    std::vector<Option> options;
    std::vector<std::pair<std::string, bool*>> switches;
    std::vector<std::string>* words = nullptr;

    void add(const char* name, const char* help, std::function<void(const std::string&)> set,
             std::function<std::string()> show) {
        const std::string default_text = show().empty() ? "" : " [" + show() + "]";
        file_options.add_options()(name, po::value<std::string>(), (help + default_text).c_str());
        options.push_back({name, std::move(set), std::move(show)});
    }
    void apply(const po::variables_map& values) {
        for (const Option& option : options)
            if (values.contains(option.name)) option.set(values[option.name].as<std::string>());
    }
    void read_file_into(po::variables_map& values, const std::filesystem::path& file, bool must_exist);
};

namespace {

constexpr std::size_t kShown = 200;  // bytes of a setting that a message quotes

[[noreturn]] void bad(const std::string& name, const std::string& wanted, const std::string& given) {
    throw Invalid(name, "must be " + wanted + ", not '" + text::shown(given, kShown) + "'");
}

}  // namespace

Options::Options(std::string program, std::string purpose) : impl_(std::make_unique<Impl>()) {
    impl_->program = std::move(program);
    impl_->purpose = std::move(purpose);
    impl_->general.add_options()("config", po::value<std::string>(), "file with settings")(
        "check-config", "print the settings in force and exit")("help", "this text")("version",
                                                                                     "the version");
}
Options::~Options() = default;

void Options::add(const char* name, std::string& target, const char* help) {
    impl_->add(
        name, help, [&target](const std::string& v) { target = v; }, [&target] { return target; });
}
void Options::add(const char* name, std::filesystem::path& target, const char* help) {
    impl_->add(
        name, help, [&target](const std::string& v) { target = v; }, [&target] { return target.string(); });
}
void Options::add(const char* name, unsigned& target, const char* help) {
    impl_->add(
        name, help,
        [&target, name](const std::string& v) {
            const auto number = text::number<unsigned>(v);
            if (!number) bad(name, "a whole number", v);
            target = *number;
        },
        [&target] { return std::to_string(target); });
}
void Options::add(const char* name, bool& target, const char* help) {
    impl_->add(
        name, help,
        [&target, name](const std::string& v) {
            if (v == "yes" || v == "true" || v == "1")
                target = true;
            else if (v == "no" || v == "false" || v == "0")
                target = false;
            else
                bad(name, "yes or no", v);
        },
        [&target] { return target ? "yes" : "no"; });
}
void Options::add(const char* name, std::chrono::seconds& target, const char* help) {
    impl_->add(
        name, help,
        [&target, name](const std::string& v) {
            const auto number = text::number<std::uint32_t>(v);
            if (!number) bad(name, "whole seconds", v);
            target = std::chrono::seconds(*number);
        },
        [&target] { return std::to_string(target.count()); });
}
void Options::add_flag(const char* name, bool& target, const char* help) {
    impl_->flags.add_options()(name, help);
    impl_->switches.emplace_back(std::string(name).substr(0, std::string_view(name).find(',')), &target);
}
void Options::positional(std::vector<std::string>& target) {
    impl_->words = &target;
}

void Options::Impl::read_file_into(po::variables_map& values, const std::filesystem::path& file,
                                   bool must_exist) {
    std::ifstream in(file);
    if (!in) {
        if (must_exist) throw Unavailable("cannot read " + file.string() + ": " + std::strerror(errno));
        return;
    }
    try {
        po::store(po::parse_config_file(in, file_options), values);
    } catch (const po::unknown_option& error) {
        const std::string name = text::shown(error.get_option_name(), kShown);
        if (name.empty()) throw Invalid(file.string(), "has a setting without a name");
        throw Invalid(name, "unknown setting in " + file.string());
    } catch (const po::error& error) {
        throw Invalid(file.string(), text::shown(error.what(), 2 * kShown));
    }
}

Options::Next Options::read(int argc, const char* const* argv, const std::filesystem::path& default_file) {
    po::options_description all;
    all.add(impl_->general).add(impl_->flags).add(impl_->file_options);
    po::options_description parsed;
    parsed.add(all);
    po::positional_options_description positions;
    if (impl_->words != nullptr) {
        impl_->hidden.add_options()("word", po::value<std::vector<std::string>>());
        parsed.add(impl_->hidden);
        positions.add("word", -1);
    }
    po::variables_map values;
    try {
        po::store(po::command_line_parser(argc, argv).options(parsed).positional(positions).run(), values);
    } catch (const po::error& error) {
        throw Invalid("command line", error.what());
    }
    if (values.contains("help")) {
        std::cout << impl_->program << ": " << impl_->purpose << "\n" << all << "\n";
        return Next::exit;
    }
    if (values.contains("version")) {
        std::cout << impl_->program << " " << RPMGR_VERSION << "\n";
        return Next::exit;
    }
    const bool named = values.contains("config");
    impl_->read_file_into(
        values, named ? std::filesystem::path(values["config"].as<std::string>()) : default_file, named);
    impl_->apply(values);
    for (const auto& [name, target] : impl_->switches) *target = values.contains(name);
    if (values.contains("word")) *impl_->words = values["word"].as<std::vector<std::string>>();
    if (!values.contains("check-config")) return Next::run;
    for (const Impl::Option& option : impl_->options)
        std::cout << option.name << " = " << option.show() << "\n";
    return Next::exit;
}

std::string read_file(const std::filesystem::path& path) {
    constexpr std::size_t kLargest = 16U << 20;
    std::ifstream in(path, std::ios::binary);
    std::string content;
    std::array<char, 65536> block;
    // Counted while it is read: a device or a pipe has no end.
    while (in && content.size() <= kLargest) {
        in.read(block.data(), block.size());
        content.append(block.data(), static_cast<std::size_t>(in.gcount()));
    }
    if (!in.eof() && content.size() <= kLargest)
        throw Unavailable("cannot read " + path.string() + ": " + std::strerror(errno));
    if (content.size() > kLargest) throw Unavailable("cannot read " + path.string() + ": larger than 16 MiB");
    return content;
}

Secret read_secret(const std::filesystem::path& path) {
    const Secret content(read_file(path));
    const std::string_view line = content.reveal().substr(0, content.reveal().find_first_of("\r\n"));
    if (line.empty()) throw Invalid(path.string(), "is empty");
    return Secret(std::string(line));
}

}  // namespace rpm
