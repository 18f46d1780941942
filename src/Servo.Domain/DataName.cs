using System.Collections.Frozen;

namespace Servo.Domain;

/// <summary>
/// Which file names are names of data: what is not known to be one may be code, or a file that a tool looks for where it is started.
/// </summary>
internal static class DataName
{
    // Nothing imports, sources, loads, unpacks or obeys a file for ending so without being told to. Forms that are mostly settings, keys or
    // instructions (yml, toml, ini, pem, md) are not among these.
    private static readonly FrozenSet<string> _forms = Set("""
        raw bin dat data jsonl ndjson geojson txt text csv tsv log out err msg event html htm pdf png jpg jpeg gif webp svg bmp ico
        tif tiff xlsx ods parquet avro gz tgz bz2 tbz2 xz txz zst lz4 7z tar aes asc sig sha1 sha256 sha512 md5 junit tap trx lcov
        sarif diff patch tmp pid ok ack done pass passed fail failed failure error ready started finished complete completed status
        state result results report summary local internal lan com net org
        """);

    // Half of them are settings that some tool looks for, so the name has to tell that it reports something.
    private static readonly FrozenSet<string> _sharedForms = Set("json xml");

    private static readonly FrozenSet<string> _reports = Set("""
        report reports result results outcome outcomes status statuses state summary summaries output outputs data dataset list
        items records rows callback callbacks response responses reply replies answer answers message messages notification
        notifications event events log logs trace traces error errors failure failures success ready started progress finished done
        health tests checks findings audit evidence metric metrics measurement measurements sample samples stat stats statistics
        timing timings benchmark benchmarks junit nunit xunit coverage clover cobertura jacoco
        """);

    // What a part before the last must not be: `os.py.txt` and `libc.so.6` are as good as their code to some loader.
    private static readonly FrozenSet<string> _code = Set("""
        py pyc pyo pyw pyd pyi pyx pxd pyz pyzw pth egg whl zip so dll dylib a o bundle exe elf wasm node jar war class dex sh bash
        dash zsh ksh csh tcsh fish ps1 psm1 psd1 bat cmd vbs pl pm t rb js mjs cjs ts mts cts jsx tsx php phar lua tcl r jl groovy
        gradle kts scala clj go rs c h cpp cs csx fsx vb awk el scm tf tfvars hcl mk make cmake override conf cfg ini rc env auto
        """);

    // Names without a suffix that tools look for in the directory in which they are started.
    private static readonly FrozenSet<string> _tools = Set("""
        build kbuild pkgbuild apkbuild kconfig module buck deps dune opam sconstruct sconscript wscript jamroot makevars configure
        gradlew mvnw node_modules site-packages rust-toolchain profile path python python2 python3 namespace description singularity
        cask eldev eask inventory package composer bower serverless docker-compose compose kustomization chart values playbook
        ansible galaxy sitecustomize usercustomize conftest
        """);

    private static readonly FrozenSet<string> _toolsTexts = Set("runtime packages apt llms meson_options conanfile");

    /// <summary>Whether a name, in lower case, is one of data.</summary>
    public static bool IsData(string folded)
    {
        // A dot, a hyphen or an underscore at its start: a hidden file, an option to a tool that was given `*`, a module of the
        // interpreter's own.
        if (!char.IsLetterOrDigit(folded[0]))
            return false;

        var parts = folded.Split('.');
        var stem = parts.Length > 1 ? parts[..^1] : parts;
        var form = parts[^1];

        if (parts.Contains("") || parts[..^1].Any(_code.Contains) || stem.Any(IsOfTools))
            return false;

        if (parts.Length == 1)
            return !_tools.Contains(folded) && !EndsLikeOneOfTools(folded);

        if (_sharedForms.Contains(form))
            return stem.All(IsReport);

        // A number is the end of a version or of an address.
        return (_forms.Contains(form) || char.IsAsciiDigit(form[0])) && !(form == "txt" && _toolsTexts.Contains(stem[^1]));
    }

    private static bool IsOfTools(string part) =>
        part.StartsWith("cmake", StringComparison.Ordinal)
        || part.Contains("config", StringComparison.Ordinal)
        || part.Contains("setting", StringComparison.Ordinal)
        || part.Contains("requirements", StringComparison.Ordinal)
        || part.Contains("constraints", StringComparison.Ordinal);

    /// <summary>Makefile, Dockerfile and Jenkinsfile; pylintrc and vimrc; MLproject and dune-project; pnpm-workspace.</summary>
    private static bool EndsLikeOneOfTools(string name) =>
        name.EndsWith("file", StringComparison.Ordinal)
        || name.EndsWith("rc", StringComparison.Ordinal)
        || name.EndsWith("project", StringComparison.Ordinal)
        || name.EndsWith("workspace", StringComparison.Ordinal)
        || name.EndsWith("lock", StringComparison.Ordinal);

    /// <summary>Whether one of a part's words is a number or says that something is reported.</summary>
    private static bool IsReport(string part)
    {
        var start = 0;

        for (var at = 0; at <= part.Length; at++)
        {
            if (at < part.Length && char.IsLetterOrDigit(part[at]))
                continue;

            if (at > start && (char.IsAsciiDigit(part[start]) || _reports.Contains(part[start..at])))
                return true;

            start = at + 1;
        }

        return false;
    }

    private static FrozenSet<string> Set(string words) =>
        words.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
