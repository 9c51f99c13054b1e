// Certificates: the right one, another host's, another authority's.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

class Tls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string folder = (std::filesystem::temp_directory_path() / "eventsource_tls_XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = new std::string(folder);
    make_certificate("ours");
    make_certificate("other");
    server_ = new PostgresServer({.conf = {"ssl=on", "fsync=off"}, .start = false});
    server_->write_file("server.crt", content("ours.crt"));
    server_->write_file("server.key", content("ours.key"));
    server_->start();
  }
  static void TearDownTestSuite() {
    delete server_;
    std::filesystem::remove_all(*folder_);
    delete folder_;
  }

  static void make_certificate(const std::string& name) {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
        "/CN=db.example -addext subjectAltName=DNS:db.example -keyout " +
        file(name + ".key") + " -out " + file(name + ".crt") + " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  static std::string file(const std::string& name) { return *folder_ + "/" + name; }
  static std::string content(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(file(name)).rdbuf();
    return text.str();
  }

  // `host` is only what the certificate is compared with.
  static Result<Store> open(const std::string& host, const std::string& mode, const std::string& authority) {
    return Store::open("postgresql://postgres:" + server_->password() + "@" + host + ":" +
                       std::to_string(server_->port()) + "/postgres?hostaddr=127.0.0.1&sslmode=" + mode +
                       "&sslrootcert=" + file(authority));
  }

  static inline std::string* folder_ = nullptr;
  static inline PostgresServer* server_ = nullptr;
};

TEST_F(Tls, TheRightCertificateIsTrusted) {
  for (const char* const mode : {"verify-full", "verify-ca", "require"}) {
    const auto store = open("db.example", mode, "ours.crt");
    EXPECT_TRUE(store.ok()) << store.error().message();
  }
  EXPECT_EQ(PostgresConnection(server_->url()).number("select count(*) from eventsource_schema"), 1);
}

TEST_F(Tls, AnotherHostsCertificateIsNot) {
  expect_failure(open("other.example", "verify-full", "ours.crt"),
                 {ES_ACCESS_DENIED,
                  "",
                  false,
                  Outcome::kNotApplied,
                  {"db.example", "other.example", "was not trusted", "sslmode"}});
  EXPECT_TRUE(open("other.example", "verify-ca", "ours.crt").ok());
}

TEST_F(Tls, AnotherAuthoritysCertificateIsNot) {
  for (const char* const mode : {"verify-full", "verify-ca"}) {
    expect_failure(open("db.example", mode, "other.crt"),
                   {ES_ACCESS_DENIED,
                    "",
                    false,
                    Outcome::kNotApplied,
                    {"certificate verify failed", "was not trusted", "sslrootcert"}});
  }
}

TEST_F(Tls, AnAuthoritysFileThatIsMissingIsNamed) {
  expect_failure(open("db.example", "verify-full", "missing.crt"),
                 {ES_ACCESS_DENIED, "", false, Outcome::kNotApplied, {"missing.crt", "sslrootcert"}});
}

}  // namespace
}  // namespace eventsource::test
