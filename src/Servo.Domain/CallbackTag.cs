using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Servo.Domain;

/// <summary>The name under which a callback's file arrives: a name of data, which nothing that looks for code or settings by name can find.</summary>
/// <remarks>What is not known to be data is refused: docs/decisions/0011-a-callback-is-data.md has the classes and the reasons.</remarks>
public sealed class CallbackTag
{
    /// <summary>The tag of a callback that names none.</summary>
    public const string Default = "callback.raw";

    private const int MaxBytes = 255;

    // What a name of data ends with. Nothing imports, sources, loads or unpacks a file for ending so without being told to.
    private static readonly FrozenSet<string> _data = Set("""
        raw bin dat data json jsonl ndjson geojson json5 xml txt text csv tsv yml yaml log out err msg event html htm md rst pdf
        png jpg jpeg gif webp svg bmp ico tif tiff xlsx ods parquet avro gz tgz bz2 tbz2 xz txz zst lz4 7z tar
        aes asc sig pem crt cer der key csr sha1 sha256 sha512 md5 junit tap trx lcov sarif diff patch tmp pid
        ok ack go done pass passed fail failed failure error ready started finished complete completed status state result results report summary
        local internal lan com net org
        """);

    // What a part before the last must not be: `os.py.txt` and `libc.so.6` are as good as their code to some loader, `main.tf.json` is code.
    private static readonly FrozenSet<string> _code = Set("""
        py pyc pyo pyw pyd pyi pyx pxd pyz pyzw pth egg whl zip so dll dylib a o bundle exe elf wasm node jar war class dex
        sh bash dash zsh ksh csh tcsh fish ps1 psm1 psd1 bat cmd vbs pl pm t rb js mjs cjs ts mts cts jsx tsx php phar lua tcl r jl
        groovy gradle kts scala clj go rs c h cpp cs csx fsx vb awk el scm tf tfvars hcl mk make cmake override config conf cfg ini rc env auto
        """);

    // Names that tools look for in the directory in which they are started, to do what stands in them: whole ones, and ones of any ending.
    private static readonly FrozenSet<string> _tools = Set("""
        build workspace sconstruct sconscript wscript configure gradlew mvnw node_modules site-packages rust-toolchain profile path python python2 python3
        build.xml pom.xml ivy.xml ant.xml app.yaml global.json firebase.json vercel.json deno.json project.json template.yaml template.yml template.json
        stack.yaml stack.yml garden.yml circle.yml cmakelists.txt meson_options.txt meson.options conanfile.txt environment.yml environment.yaml
        """);

    private static readonly FrozenSet<string> _toolStems = Set("""
        package package-lock npm-shrinkwrap composer bower import_map importmap tsconfig jsconfig nodemon lerna nx turbo rush angular cdk samconfig
        serverless renovate lefthook requirements constraints mkdocs docker-compose compose kustomization chart values skaffold devspace pulumi taskfile
        helmfile playbook ansible inventory galaxy cloudbuild buildspec appspec cmakepresets cmakeuserpresets conandata vcpkg dub shard pubspec dvc
        appsettings launchsettings hostsettings sitecustomize usercustomize conftest pre-commit-config azure-pipelines bitbucket-pipelines pnpm-workspace
        """);

    private readonly string _folded;

    private CallbackTag(string name, string folded) => (Name, _folded) = (name, folded);

    /// <summary>The file's name, as the caller wrote it.</summary>
    public string Name { get; }

    /// <summary>Reads a tag; one that is no plain file name, or no name of data, is <see cref="Rejection.Malformed"/>.</summary>
    public static Result<CallbackTag> Parse(string name)
    {
        if (!IsFileName(name))
            return new Rejection.Malformed("A callback tag is one plain file name.");

        var folded = name.ToLowerInvariant();

        if (!name.EnumerateRunes().All(IsPlain) || !IsData(folded))
            return new Rejection.Malformed(
                $"The callback tag '{name}' could be taken for code or for a tool's settings. "
                + "A callback is data: use a plain name such as 'status' or 'report.json'.");

        return new CallbackTag(name, folded);
    }

    /// <summary>Whether a name is one plain file name, as opposed to a path or what no file can be called.</summary>
    public static bool IsFileName(string name) =>
        name is not ("" or "." or "..") && name.AsSpan().IndexOfAny('/', '\\', '\0') < 0 && Encoding.UTF8.GetByteCount(name) <= MaxBytes;

    /// <summary>Whether a name of the list could mean a file of this tag, also by another case or a way through folders.</summary>
    public bool IsNamedBy(ScriptList scripts) => scripts.Any(script => script.ToLowerInvariant().Split('/').Contains(_folded));

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static bool IsData(string folded)
    {
        // A dot, a hyphen or an underscore at its start: a hidden file, an option to a tool that was given `*`, a module of the interpreter's own.
        if (!char.IsLetterOrDigit(folded[0]))
            return false;

        var parts = folded.Split('.');
        var stem = string.Join('.', parts[..^1]);

        if (parts.Contains("") || parts[..^1].Any(_code.Contains) || _tools.Contains(folded) || _toolStems.Contains(stem.Length > 0 ? stem : folded))
            return false;

        // Makefile, Dockerfile and Jenkinsfile; pylintrc and vimrc.
        if (parts.Length == 1)
            return !folded.EndsWith("file", StringComparison.Ordinal) && !folded.EndsWith("rc", StringComparison.Ordinal);

        // A number is the end of a version or of an address.
        return _data.Contains(parts[^1]) || char.IsAsciiDigit(parts[^1][0]);
    }

    private static bool IsPlain(Rune rune) =>
        Rune.IsLetterOrDigit(rune)
        || rune.Value is '.' or '-' or '_' or '+' or '@' or ',' or ':'
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static FrozenSet<string> Set(string words) =>
        words.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
