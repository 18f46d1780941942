namespace Servo.Packages.Tests;

/// <summary>Scripts that the scratch projects deploy.</summary>
internal static class Scripts
{
    public static void WriteTo(Scratch scratch, string folder)
    {
        scratch.Write($"{folder}/hello.py", "import os\nprint('hello from', os.environ.get('PODS', 'no'), 'pods')\n");
        scratch.Write($"{folder}/fail.py", "print('about to fail')\nraise SystemExit(3)\n");

        // Opening a FIFO lasts until the other end is opened: two scripts meet, or a test lets one go on.
        scratch.Write($"{folder}/read.py", "import os\nprint('waiting', flush=True)\nprint('heard', open(os.environ['FIFO']).read())\n");
        scratch.Write($"{folder}/write.py", "import os\nopen(os.environ['FIFO'], 'w').write('the other project')\nprint('said')\n");
    }
}
